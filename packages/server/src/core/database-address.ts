/** Where the store is: a file in the data folder, or a PostgreSQL server. */
export type DatabaseAddress = { kind: "sqlite" } | { kind: "postgres"; url: DatabaseUrl };

/** The address of a PostgreSQL database, which may hold a password: shown without it everywhere but by `reveal`. */
export class DatabaseUrl {
  readonly #text: string;
  /** For messages: where the server is and which database, without user, password and options. */
  readonly name: string;

  private constructor(text: string, name: string) {
    this.#text = text;
    this.name = name;
  }

  /** null when it is none. A socket's folder stands in `?host=`, as for PostgreSQL's own clients. */
  static parse(text: string): DatabaseUrl | null {
    // A host may be left out where a socket is named, which a URL of the web does not know.
    if (!/^postgres(ql)?:\/\//.test(text)) return null;
    const url = URL.parse(text.replace(/^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)(?=[/?])/, "$1socket"));
    if (url === null || url.pathname.length < 2) return null;
    const socket = url.searchParams.get("host");
    const host = socket ?? (url.port === "" ? url.hostname : `${url.hostname}:${url.port}`);
    return new DatabaseUrl(text, `postgres://${host.replace(/^socket$/, "localhost")}${url.pathname}`);
  }

  /** With the password. For the one who connects. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return this.name;
  }

  toJSON(): string {
    return this.name;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.name;
  }
}
