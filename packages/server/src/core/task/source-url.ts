/** Where a git repository is, in one form whatever it was written as. */
export interface SourceUrl {
  transport: "http" | "ssh";
  /** A name in lower case, or an address without brackets. */
  host: string;
  port: number;
  /** What git is given. */
  text: string;
  /** The same for all spellings of one place, and without what is shown to it. */
  key: string;
}

const ports = { "http:": 80, "https:": 443, "ssh:": 22 } as const;
const userName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
/** `user@host:path`, which git takes for ssh: no `/` before the colon, and none of a scheme behind it. */
const shortForm = /^(?<user>[^@:/]+)@(?<host>\[[0-9A-Fa-f:.]+\]|[^@:/[\]]+):(?<path>(?!\/\/).+)$/;

/** A place that git may be sent to, or why it may not be. Nothing is looked up. */
export function readSourceUrl(text: string): SourceUrl | { problem: string } {
  if (/[\p{Cc}\s]/u.test(text)) return { problem: "must not hold spaces or control characters" };
  const short = shortForm.exec(text)?.groups;
  if (short !== undefined) return readShort(short);
  const url = URL.parse(text);
  if (url === null) return { problem: FORMS };
  switch (url.protocol) {
    case "http:":
    case "https:":
      return readHttp(url, url.protocol);
    case "ssh:":
      return readSsh(url);
    default:
      return { problem: FORMS };
  }
}

const FORMS = "must be like https://host/path, ssh://user@host/path or user@host:path";
const NO_PATH = "must name a repository behind the host";
const NO_HOST = "must name a host: a name or an address, which does not begin with -";

function readHttp(url: URL, protocol: "http:" | "https:"): SourceUrl | { problem: string } {
  if (url.username !== "" || url.password !== "")
    return {
      problem: "must hold no user and no password: put them into a secret, and name it in `credentials`",
    };
  if (url.search !== "" || url.hash !== "") return { problem: "must hold no ? and no #" };
  if (url.pathname === "/") return { problem: NO_PATH };
  const host = hostOf(url.hostname);
  if (host === null) return { problem: NO_HOST };
  const port = Number(url.port) || ports[protocol];
  return { transport: "http", host, port, text: url.href, key: url.href };
}

function readSsh(url: URL): SourceUrl | { problem: string } {
  if (url.password !== "")
    return { problem: "must hold no password: put a key into a secret, and name it in `credentials`" };
  if (url.search !== "" || url.hash !== "") return { problem: "must hold no ? and no #" };
  const { username: user } = url;
  if (user !== "" && !userName.test(user)) return { problem: "must name a user of letters, digits and ._-" };
  const path = decoded(url.pathname);
  if (path === null || path === "" || path === "/") return { problem: NO_PATH };
  const host = hostOf(url.hostname);
  if (host === null) return { problem: NO_HOST };
  const port = Number(url.port) || ports["ssh:"];
  const at = `ssh://${user === "" ? "" : `${user}@`}${bracketed(host)}:${port}${url.pathname}`;
  return { transport: "ssh", host, port, text: at, key: at };
}

function readShort(parts: Readonly<Record<string, string>>): SourceUrl | { problem: string } {
  const { user = "", host: named = "", path = "" } = parts;
  if (!userName.test(user)) return { problem: "must name a user of letters, digits and ._-" };
  const host = hostOf(named);
  if (host === null) return { problem: NO_HOST };
  if (path.startsWith("-")) return { problem: "must name a repository that does not begin with -" };
  const text = `${user}@${bracketed(host)}:${path}`;
  return { transport: "ssh", host, port: ports["ssh:"], text, key: text };
}

/** Spelled as of a web address, where every spelling of an IPv4 address becomes the one with dots. */
function hostOf(text: string): string | null {
  const host = URL.parse(`http://${text}/`)?.hostname.replace(/^\[|\]$/g, "") ?? "";
  return /^(?:[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9.])?|[0-9a-f:.]+)$/.test(host) ? host : null;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** null where it cannot be read, or stands for what no path holds. */
function decoded(path: string): string | null {
  try {
    const text = decodeURIComponent(path);
    return /\p{Cc}/u.test(text) ? null : text;
  } catch {
    return null;
  }
}
