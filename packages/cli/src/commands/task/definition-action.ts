import type { Berth, Difference, Page, Version } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import type { Flags } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";

/** Flags of what is done to a runner as to a task. */
export const definitionFlags = {
  spec: { type: "string", about: "What it says, a file of JSON; - reads yours", value: "FILE", path: true },
  description: { type: "string", about: "For people", value: "TEXT", field: "description" },
  network: { type: "string", about: "Network profile of its jobs", value: "NAME", field: "network" },
  secret: {
    type: "list",
    about: "Secret that its jobs get as files (repeat it)",
    value: "NAME",
    field: "secrets",
  },
  memory: { type: "string", about: "Memory of its jobs", value: "SIZE", field: "resources.memory" },
  timeout: { type: "string", about: "Run timeout of its jobs", value: "TIME", field: "timeouts.run" },
  at: { type: "string", about: "get: as of this version; update: refuse another", value: "VERSION" },
  json: { type: "boolean", about: "Print JSON for scripts" },
} as const satisfies Flags;

/** What the flags above come to. */
interface DefinitionFlags {
  readonly spec: string | undefined;
  readonly description: string | undefined;
  readonly network: string | undefined;
  readonly secret: readonly string[];
  readonly memory: string | undefined;
  readonly timeout: string | undefined;
  readonly at: string | undefined;
  readonly json: boolean;
}

/** A runner or a task, as far as all of these commands look at it. */
export interface ShownDefinition {
  name: string;
  version: number;
  owner: string;
  updatedAt: string;
  updatedBy: string;
  spec: object;
  /** Of a schedule: when it was due, when it is, and whether it is at all. */
  nextAt?: string | null;
  lastAt?: string | null;
  paused?: { at: string; why: string | null } | null;
}

/** The calls of a client, of either noun. What is in a spec is the server's to check. */
export interface Calls {
  list(options: { cursor?: string | undefined; limit: number }): Promise<Page<ShownDefinition>>;
  create(name: string, spec: object): Promise<ShownDefinition>;
  get(name: string, options: { version?: number | undefined }): Promise<ShownDefinition>;
  update(name: string, spec: object, options: { version?: number | undefined }): Promise<ShownDefinition>;
  delete(name: string): Promise<void>;
  versions(
    name: string,
    options: { cursor?: string | undefined; limit: number },
  ): Promise<Page<Version<object>>>;
  diff(name: string, options: { from?: number | undefined; to?: number | undefined }): Promise<Difference>;
  rollBack(name: string, version: number): Promise<ShownDefinition>;
}

export interface DefinitionAction<F extends DefinitionFlags = DefinitionFlags> {
  noun: "runner" | "task" | "schedule" | "webhook";
  /** The words after the action. */
  words: readonly string[];
  flags: F;
  cli: Cli;
  calls(berth: Berth): Calls;
  /** What the flags of this noun alone say. */
  ownFields(): Promise<object>;
}

/** The name behind the action, and as many words more as it takes. */
export function nameAnd(
  { noun, words }: Pick<DefinitionAction, "noun" | "words">,
  { action, more = 0, like = "NAME" }: { action: string; more?: number; like?: string },
): readonly [string, ...string[]] {
  const [name = "", ...rest] = words;
  if (name !== "" && rest.length <= more) return [name, ...rest];
  const why = name === "" ? `a ${noun}: there is no name` : "so many at once";
  throw new UsageError(`Cannot ${action} ${why}`, `Write it like \`berth ${noun} ${action} ${like}\``);
}

/** A version as somebody types it. */
export function versionIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot read version "${text}": it is no number`, "Versions are 1, 2, 3 and so on");
}
