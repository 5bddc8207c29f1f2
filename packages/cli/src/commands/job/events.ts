import type { JobEvent } from "@berth/sdk";
import { connectionNotes } from "../../core/text/connection-notes.ts";
import { defineCommand } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { inFlags } from "../../core/text/in-flags.ts";
import { printable } from "../../core/text/printable.ts";
import { idFlag, oneId } from "./job-id.ts";
import { idOf } from "./job-reference.ts";

export const jobEvents = defineCommand({
  arguments: [{ name: "ID", about: "Job: its id, the beginning of it, or its name", optional: true }],
  flags: {
    ...idFlag,
    json: { type: "boolean", about: "Print one JSON object a line" },
  },
  details: ["Every state that the job enters, from the first on; ends when the job has ended."],
  examples: [
    { line: "berth events ID", about: "what has become of it, and what becomes of it" },
    { line: "berth events --json ID | jq -r .type", about: "for scripts" },
  ],
  async run({ args, flags }, cli) {
    const reference = oneId(args, flags.id);
    const berth = await cli.dial({ onConnection: connectionNotes(cli.err) });
    const handle = berth.jobs.handle(await idOf(reference, berth.jobs));
    for await (const event of handle.events()) {
      await cli.out.line(flags.json ? JSON.stringify(event) : lineOf(event));
    }
    return exitCodes.ok.code;
  },
});

function lineOf({ at, type, cause, deadlineAt, stage }: JobEvent): string {
  const until = deadlineAt === null ? [] : [`until ${deadlineAt}`];
  const said = cause === null ? until : [inFlags(cause.message)];
  const more = [...(stage === undefined ? [] : [`${stage.kind} ${stage.state}`]), ...said].join("  ");
  return printable(`${at}  ${more === "" ? type : `${type.padEnd(9)}  ${more}`}`);
}
