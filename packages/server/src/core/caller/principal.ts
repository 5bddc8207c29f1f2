/** Who is calling. */
export interface Principal {
  name: string;
  /** The roles that come with the credential, by name: what they allow is in `core/access`. */
  roles: readonly string[];
}

/**
 * Names that stand for something of our own: the administrator over REST, whoever runs jobs in a process of their own, what the
 * server does by itself, and whoever has not said who it is.
 */
export const ownNames: readonly string[] = ["admin", "executor", "server", "anonymous"];

/** Tells principals apart where they are counted: one of the REST world and one of a certificate may share a name. */
export function keyOf({ name, roles }: Principal): string {
  return `${roles.join("+")} ${name}`;
}

/** Whoever shows a certificate of this name. It says who one is, and no more than that one may do what is one's own. */
export function certificateHolder(name: string): Principal {
  return { name, roles: ["developer"] };
}

/** Somebody who is not here to show a credential: taken as the holder of a certificate, but for the administrator. */
export function assumedPrincipal(name: string): Principal {
  return name === "admin" ? { name, roles: ["admin"] } : certificateHolder(name);
}
