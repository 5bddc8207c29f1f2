import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodeOfError, exitCodes } from "../../core/exit-codes.ts";
import { printError } from "../../core/print-error.ts";

export const jobRm = defineCommand({
  arguments: [{ name: "ID", about: "Ids of finished jobs", variadic: true }],
  flags: { ...jsonFlag },
  details: ["Prints each id that is gone. One that cannot be deleted keeps no other."],
  hides: ["grpc"],
  examples: [
    { line: "berth rm ID", about: "one" },
    { line: "berth rm $(berth list --state failed --all --json | jq -r '.[].id')", about: "many" },
  ],
  async run({ args, flags }, cli) {
    const berth = await cli.connect();
    const deleted: string[] = [];
    let code: number = exitCodes.ok.code;
    for (const id of args) {
      try {
        await berth.jobs.handle(id).delete();
        deleted.push(id);
        if (!flags.json) await cli.out.line(id);
      } catch (error) {
        await printError(error, { err: cli.err, paint: cli.paintErr, flags: {} });
        code = exitCodeOfError(error);
      }
    }
    if (flags.json) await cli.out.json({ deleted });
    return code;
  },
});
