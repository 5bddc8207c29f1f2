/** What people define by name, and whose versions are kept. */
export type DefinitionKind = "runner" | "task" | "schedule";

export interface Definition {
  kind: DefinitionKind;
  name: string;
  version: number;
  /** Who created it. */
  owner: string;
  /** The runner of a task, the task of a schedule: it stays while they are there. Null for a runner. */
  belongsTo: string | null;
  /** JSON of what the contract has for this kind. */
  spec: string;
  createdAt: number;
  updatedAt: number;
  updatedBy: string;
}

export interface DefinitionVersion {
  version: number;
  spec: string;
  at: number;
  by: string;
}

/** What the kind of a definition belongs to. */
export const parentKind = { runner: null, task: "runner", schedule: "task" } as const satisfies Record<
  DefinitionKind,
  DefinitionKind | null
>;

/** Of a schedule `nextAt` says when it is due next; left out where that stays as it is. */
type Standing = { nextAt?: number | null };

export type NewDefinition = Omit<Definition, "version"> & Standing;

export type DefinitionChange = Pick<Definition, "spec" | "belongsTo"> &
  Standing & { from: number; at: number; by: string };
