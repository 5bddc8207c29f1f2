/** What people define by name, and whose versions are kept. */
export type DefinitionKind = "runner" | "task";

export interface Definition {
  kind: DefinitionKind;
  name: string;
  version: number;
  /** Who created it. */
  owner: string;
  /** The runner that a task belongs to; null for a runner. */
  runner: string | null;
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
