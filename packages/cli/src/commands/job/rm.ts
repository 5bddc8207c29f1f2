import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodeOfError, exitCodes } from "../../core/exit-codes.ts";
import { idOf } from "./job-reference.ts";
import { printError } from "../../core/print-error.ts";

export const jobRm = defineCommand({
  arguments: [{ name: "ID", about: "Finished jobs: ids, beginnings of ids, or names", variadic: true }],
  flags: { ...jsonFlag },
  details: ["Prints each id that is gone. One that cannot be deleted keeps no other."],
  hides: ["grpc"],
  examples: [
    { line: "berth rm ID", about: "one" },
    { line: "berth rm $(berth list --state failed --all --json | jq -r '.[].id')", about: "many" },
  ],
  async run({ args, flags }, cli) {
    const berth = await cli.connectAsUser();
    const deleted: string[] = [];
    let code: number = exitCodes.ok.code;
    for (const reference of args) {
      try {
        const handle = berth.jobs.handle(await idOf(reference, berth.jobs));
        await handle.delete();
        deleted.push(handle.id);
        if (!flags.json) await cli.out.line(handle.id);
      } catch (error) {
        await printError(error, { err: cli.err, paint: cli.paintErr, flags: {} });
        code = exitCodeOfError(error);
      }
    }
    if (flags.json) await cli.out.json({ deleted });
    return code;
  },
});
