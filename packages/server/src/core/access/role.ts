import type { Resource, Verb } from "./permission.ts";

/** One thing that a role allows; what no rule allows is denied. */
export interface Rule {
  resource: Resource;
  /** `*` for all, or names that are met letter by letter, never as a beginning. */
  names: readonly string[];
  verbs: readonly Verb[];
  /** Only what belongs to whoever asks. Of built-in roles alone. */
  own?: true;
}

export interface Role {
  name: string;
  rules: readonly Rule[];
}

/** Gives a role to a user, or to whoever is in a group. */
export interface Binding {
  id: string;
  role: string;
  kind: "user" | "group";
  /** The name of the user or of the group. */
  subject: string;
}
