import { isTerminal } from "@berth/protocol/states";
import { idFlag, oneId } from "./job-id.ts";
import { idOf } from "./job-reference.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { inFlags } from "../../core/text/in-flags.ts";
import { printable } from "../../core/text/printable.ts";

export const jobStop = defineCommand({
  arguments: [{ name: "ID", about: "Job: its id, the beginning of it, or its name", optional: true }],
  flags: {
    ...idFlag,
    grace: { type: "string", about: "Time between TERM and KILL, as in 5s", value: "TIME", field: "grace" },
    wait: { type: "boolean", about: "Wait until it has ended" },
    ...jsonFlag,
  },
  examples: [
    { line: "berth stop --grace 30s ID", about: "time to save its work" },
    { line: "berth stop --wait ID", about: "gone when this returns" },
  ],
  async run({ args, flags }, cli) {
    const reference = oneId(args, flags.id);
    const berth = await cli.dial();
    const id = await idOf(reference, berth.jobs);
    const handle = berth.jobs.handle(id);
    const asked = await handle.stop({ grace: flags.grace });
    const job = flags.wait ? await handle.done({ mayFail: true }) : asked;
    if (flags.json) await cli.out.json(job);
    else {
      // Accepted, and not yet seen by whoever carries it out: its state may still be the old one.
      const state = isTerminal(job.state) ? job.state : "stopping";
      const why = isTerminal(job.state) && job.cause !== null ? `: ${inFlags(job.cause.message)}` : "";
      await cli.out.line(printable(`${job.id} is ${state}${why}`));
    }
    return exitCodes.ok.code;
  },
});
