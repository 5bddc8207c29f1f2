import type { Cli } from "./cli.ts";

/** A flag of a command. `list` flags may be given several times. */
export interface Flag {
  type: "string" | "boolean" | "list";
  about: string;
  /** What stands for the value in the help: `SIZE`. Not for booleans. */
  value?: string;
  /** One letter. */
  short?: string;
  choices?: readonly string[];
  /** The value is a path of this machine: a shell completes it. */
  path?: boolean;
  /** The field of the job spec that it sets, as the server names it in its answers. */
  field?: string;
}

export type Flags = Readonly<Record<string, Flag>>;

type FlagValue<F extends Flag> = F["type"] extends "boolean"
  ? boolean
  : F["type"] extends "list"
    ? readonly string[]
    : string | undefined;

export type FlagValues<F extends Flags> = { readonly [Name in keyof F]: FlagValue<F[Name]> };

interface Argument {
  name: string;
  about: string;
  /** Takes all that follow. */
  variadic?: boolean;
  optional?: boolean;
  choices?: readonly string[];
}

/**
 * A command as data: help, parsing, completion and the reference page come from here.
 * Its name and its one-line description stand in `commands/command-table.ts`.
 */
export interface CommandDefinition<F extends Flags> {
  arguments: readonly Argument[];
  flags: F;
  /** Lines of the help after the flags. */
  details?: readonly string[];
  examples: readonly { line: string; about: string }[];
  /** The first argument begins a command of its own: all that follows is not for Berth to read. */
  passthrough?: boolean;
  /** Flags of `everywhere` that it refuses or has no use for: read as ever, but neither shown nor completed. */
  hides?: readonly string[];
  /** Flags of `everywhere` that only few have reason to show. */
  shows?: readonly string[];
  /** The help for what the words name, where the server knows it; null for the command's own. */
  helpFor?(input: Words, cli: Cli): Promise<string | null>;
  /** Resolves with the exit code. */
  run(input: { args: readonly string[]; flags: FlagValues<F> }, cli: Cli): Promise<number>;
}

/** A command line, read, of a command whose flags are not known by type. */
interface Words {
  args: readonly string[];
  flags: Readonly<Record<string, unknown>>;
}

/** A command whose flags are no longer known by type. */
export type AnyCommand = Omit<CommandDefinition<Flags>, "run"> & {
  run(input: Words, cli: Cli): Promise<number>;
};

export function defineCommand<const F extends Flags>(definition: CommandDefinition<F>): AnyCommand {
  // The parser makes exactly the values that the flags' table says: parse-command.ts.
  return {
    ...definition,
    run: ({ args, flags }, cli) => definition.run({ args, flags: flags as FlagValues<F> }, cli),
  };
}

/** Flags that every command has. */
export const everywhere = {
  url: {
    type: "string",
    about: "Server to talk to (else BERTH_URL, else the configuration file)",
    value: "URL",
  },
  ca: {
    type: "string",
    about: "Authority of a server with https:// (else BERTH_CA, else the file)",
    value: "FILE",
    path: true,
  },
  grpc: {
    type: "string",
    about: "Talk gRPC to it, with the certificate in ~/.berth/creds",
    value: "HOST:PORT",
  },
  verbose: { type: "boolean", about: "Tell all that is known of an error" },
} as const satisfies Flags;

/** Whether the help and the completion leave this flag out. */
export function isHidden({ hides = [], shows = [] }: AnyCommand, flag: string): boolean {
  return hides.includes(flag) || (flag === "ca" && !shows.includes(flag));
}

export const jsonFlag = {
  json: { type: "boolean", about: "Print JSON for scripts" },
} as const satisfies Flags;
