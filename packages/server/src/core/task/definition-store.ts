import type {
  Definition,
  DefinitionChange,
  DefinitionKind,
  DefinitionVersion,
  NewDefinition,
} from "./definition.ts";

/** Runners, tasks and schedules. A task refers to a runner that is there, and a schedule to a task, at every moment. */
export interface DefinitionStore {
  get(kind: DefinitionKind, name: string): Promise<Definition | null>;
  /** By name, from behind `after` on; of one owner, or, with null, of all. */
  list(
    kind: DefinitionKind,
    page: { owner: string | null; after: string | null; limit: number },
  ): Promise<Definition[]>;
  /** With its first version, which follows the last one of a definition of this name that was deleted. */
  insert(definition: NewDefinition): Promise<"done" | "exists" | "no-parent">;
  /** Adds a version. `changed` where the definition does not stand at version `from` any more. */
  change(
    key: Pick<Definition, "kind" | "name">,
    change: DefinitionChange,
  ): Promise<"done" | "changed" | "no-parent">;
  /** Its versions stay, and are not given any more. `in-use` where it is a runner that tasks, or a task that schedules, belong to. */
  delete(kind: DefinitionKind, name: string): Promise<"done" | "missing" | "in-use">;
  /** Newest first, from before `before` on; none of another definition that had the name before. */
  versions(
    kind: DefinitionKind,
    name: string,
    page: { before: number | null; limit: number },
  ): Promise<DefinitionVersion[]>;
  /** Null also for one of another definition that had the name before. */
  version(kind: DefinitionKind, name: string, version: number): Promise<DefinitionVersion | null>;
  /** Names of the first tasks of a runner, or schedules of a task. */
  belongingTo(kind: DefinitionKind, name: string, limit: number): Promise<string[]>;
}
