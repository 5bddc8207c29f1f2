import type { Cli } from "../../core/cli.ts";
import { type FlagValues, type Flags, jsonFlag } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";

export const secretFlags = {
  key: {
    type: "list",
    about: "Set this key: asked for, or one line of stdin (repeat it)",
    value: "KEY",
    field: "values",
  },
  file: {
    type: "list",
    about: "Set a key from a file, named like it; - reads stdin (repeat it)",
    value: "FILE[:KEY]",
    path: true,
  },
  remove: { type: "list", about: "update: delete this key (repeat it)", value: "KEY" },
  short: { type: "boolean", about: "Take values under 6 bytes too: they are not masked", field: "short" },
  ...jsonFlag,
} as const satisfies Flags;

export interface SecretAction {
  /** The words after the action. */
  words: readonly string[];
  flags: FlagValues<typeof secretFlags>;
  cli: Cli;
}

/** The one name behind the action. */
export function oneSecret({ words }: Pick<SecretAction, "words">, action: string): string {
  const [name = "", ...more] = words;
  if (name !== "" && more.length === 0) return name;
  const why = name === "" ? "a secret: there is no name" : `${words.length} secrets at once`;
  throw new UsageError(`Cannot ${action} ${why}`, `Write it like \`berth secret ${action} NAME\``);
}
