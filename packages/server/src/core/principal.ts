/** Who is calling. `admin` may see and do everything; `user` only what is its own. */
export interface Principal {
  name: string;
  role: "admin" | "user";
}

/** Tells principals apart where they are counted: one of the REST world and one of a certificate may share a name. */
export function keyOf({ name, role }: Principal): string {
  return `${role} ${name}`;
}
