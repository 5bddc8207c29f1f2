import { defineCommand } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";
import { definitionActions } from "./definition-actions.ts";
import { runnerFlags, sourceFields } from "./source-flags.ts";

export const runner = defineCommand({
  arguments: [
    {
      name: "ACTION",
      about:
        "list, get NAME, create NAME, update NAME, delete NAME, versions NAME, diff NAME, rollback NAME VERSION",
      choices: Object.keys(definitionActions),
    },
    { name: "WORD", about: "The runner, and versions of it", variadic: true, optional: true },
  ],
  flags: runnerFlags,
  details: [
    "A runner is where tasks run, and what all of its tasks have: limits, network and",
    "secrets, unless a task says otherwise. `update` leaves what neither file nor",
    "flag names. Every change is a version: `diff` tells two apart, by itself the",
    "last two, and `rollback` puts one in force again, as a new one.",
  ],
  hides: ["grpc"],
  examples: [
    {
      line: "berth runner create reports --memory 512Mi --timeout 5m --secret database",
      about: "limits and a secret",
    },
    {
      line: "berth runner create tools --git https://host/tools --git-token tools-git",
      about: "code from a repository",
    },
    { line: "berth runner diff reports", about: "what was changed last" },
  ],
  async run({ args: [name = "", ...words], flags }, cli) {
    const act = definitionActions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with runners`, "See `berth runner --help`");
    const ownFields = (): Promise<object> => sourceFields(flags, cli);
    return act({ noun: "runner", words, flags, cli, calls: ({ runners }) => runners, ownFields });
  },
});
