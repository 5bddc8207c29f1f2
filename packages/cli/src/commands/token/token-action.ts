import type { Cli } from "../../core/cli.ts";
import { type FlagValues, jsonFlag } from "../../core/define-command.ts";

export const tokenFlags = {
  ttl: { type: "string", about: "create: how long it is valid (default 30d)", value: "TIME", field: "ttl" },
  label: { type: "string", about: "create: what you know it by", value: "TEXT", field: "label" },
  scope: {
    type: "list",
    about: "create: the most it may be used for, as in 'read,list jobs *' (default: all of its name's)",
    value: "RULE",
    field: "scope",
  },
  ...jsonFlag,
} as const;

export interface TokenAction {
  /** The word after the action: a name or an id. */
  word: string | undefined;
  flags: FlagValues<typeof tokenFlags>;
  cli: Cli;
}
