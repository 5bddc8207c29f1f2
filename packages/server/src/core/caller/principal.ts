/** Who is calling. `admin` may see and do everything; `user` only what is its own. */
export interface Principal {
  name: string;
  role: "admin" | "user";
}

/** Names that principals of our own have: the administrator over REST, and whoever runs jobs in a process of their own. */
export const ownNames: readonly string[] = ["admin", "executor"];

/** Tells principals apart where they are counted: one of the REST world and one of a certificate may share a name. */
export function keyOf({ name, role }: Principal): string {
  return `${role} ${name}`;
}
