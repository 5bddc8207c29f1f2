/** What people define by name, and whose versions are kept. */
export const definitionKinds = ["runner", "task", "schedule", "webhook"] as const;
export type DefinitionKind = (typeof definitionKinds)[number];

export interface Definition {
  kind: DefinitionKind;
  name: string;
  version: number;
  /** Who created it. */
  owner: string;
  /** The runner of a task, the task of a schedule or a webhook: it stays while they are there. Null for a runner. */
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
export const parentKind = {
  runner: null,
  task: "runner",
  schedule: "task",
  webhook: "task",
} as const satisfies Record<DefinitionKind, DefinitionKind | null>;

/** Of a schedule `nextAt` says when it is due next; left out where that stays as it is. */
type Standing = { nextAt?: number | null };

export type NewDefinition = Omit<Definition, "version"> & Standing;

export type DefinitionChange = Pick<Definition, "spec" | "belongsTo"> &
  Standing & { from: number; at: number; by: string };
