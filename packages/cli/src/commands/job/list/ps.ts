import { isTerminal, jobStates } from "@berth/protocol/states";
import { defineCommand } from "../../../core/define-command.ts";
import { columnDetails, listFlags, showJobs } from "./list.ts";

const unfinished = jobStates.filter((state) => !isTerminal(state));

export const jobPs = defineCommand({
  arguments: [],
  flags: {
    all: { type: "boolean", about: "Those that have ended too", short: "a" },
    ...listFlags,
  },
  details: columnDetails,
  examples: [
    { line: "berth ps", about: "what goes on now" },
    { line: "berth ps -a -n 10", about: "the newest ten, ended or not" },
    { line: "berth stop $(berth ps -q --name nightly)", about: "by their whole ids" },
  ],
  async run({ flags }, cli) {
    return await showJobs({ flags, states: flags.all ? undefined : unfinished, all: false }, cli);
  },
});
