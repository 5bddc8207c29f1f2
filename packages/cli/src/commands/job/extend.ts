import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import { idOf } from "./job-reference.ts";

export const jobExtend = defineCommand({
  arguments: [
    { name: "ID", about: "Job: its id, the beginning of it, or its name" },
    { name: "TIME", about: "Added to its run timeout, as in 10m", optional: true },
  ],
  flags: {
    by: { type: "string", about: "The same as TIME", value: "TIME", field: "by" },
    ...jsonFlag,
  },
  examples: [
    { line: "berth extend ID 30m", about: "half an hour more" },
    { line: "berth extend --json ID --by 1h | jq -r .deadlineAt", about: "for scripts" },
  ],
  async run({ args: [reference = "", time], flags }, cli) {
    const by = flags.by ?? time;
    if (by === undefined)
      throw new UsageError("Cannot extend the job: there is no time", "Add it: `berth extend ID 10m`");
    if (flags.by !== undefined && time !== undefined) {
      throw new UsageError("Cannot tell by how much: there are two times", "Leave one out");
    }
    const berth = await cli.dial();
    const handle = berth.jobs.handle(await idOf(reference, berth.jobs));
    const job = await handle.extend({ by });
    if (flags.json) await cli.out.json(job);
    else {
      const until = job.deadlineAt === null ? "once it runs" : `until ${job.deadlineAt}`;
      await cli.out.line(`${job.id} has ${by} more, ${until}`);
    }
    return exitCodes.ok.code;
  },
});
