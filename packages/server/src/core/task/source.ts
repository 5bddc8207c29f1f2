import { parseDuration, parseSize, type Problem, type RunnerSpec, sourceBounds } from "@berth/protocol";
import { whyNoRef } from "./ref.ts";
import { readSourceUrl } from "./source-url.ts";

/** Where the code of a job comes from, as its runner said when it was submitted. */
export interface Source {
  url: string;
  ref: string;
  credentials: SourceCredentials | null;
  /** A mark of what the credentials hold, by which nobody learns that; null for none, and until the job has its secrets. */
  shown: string | null;
  /** Who alone is trusted to sign its host's certificate, PEM; null for whom the host of the engine trusts. */
  ca: string | null;
  /** The network profile that it is fetched under; null for what is public. */
  network: string | null;
  mostBytes: number;
  /** How long it is taken for unchanged where `ref` led. */
  refreshMs: number;
  submodules: boolean;
  /** null until it is known. */
  commit: string | null;
}

type SourceCredentials =
  | { kind: "token"; secret: string; key: string; user: string }
  | { kind: "ssh"; secret: string; key: string; knownHosts: string };

const NEEDS_URL = ["ref", "subdir", "credentials", "ca", "refresh", "sourceLimit", "submodules"] as const;

/** What a runner says of where its tasks' code comes from: null for nowhere. All that is wrong with it is told at once. */
export function sourceOf(spec: RunnerSpec): { source: Source | null } | { problems: Problem[] } {
  const problems: Problem[] = [];
  const complain = (field: string, message: string | null): void => {
    if (message !== null) problems.push({ field: `spec.${field}`, message });
  };
  const { url: text, ref = "main", subdir, credentials, ca, refresh = "30s", sourceLimit = "1GiB" } = spec;
  if (text === undefined) {
    for (const field of NEEDS_URL)
      if (spec[field] !== undefined) complain(field, "must not be given without `url`");
    return problems.length > 0 ? { problems } : { source: null };
  }
  const url = readSourceUrl(text);
  complain("url", "problem" in url ? url.problem : null);
  complain("ref", whyNoRef(ref));
  if (subdir !== undefined) complain("subdir", whyNoFolder(subdir));
  if (!("problem" in url)) complain("credentials", whyNotFor(url.transport, credentials));
  if (credentials !== undefined && "knownHosts" in credentials)
    complain("credentials.knownHosts", whyNoHosts(credentials.knownHosts));
  if (ca !== undefined && !("problem" in url) && !url.text.startsWith("https:"))
    complain("ca", "must not be given: `url` is not of https");
  if (problems.length > 0 || "problem" in url) return { problems };
  return {
    source: {
      url: url.text,
      ref,
      credentials: credentials === undefined ? null : readCredentials(credentials),
      shown: null,
      ca: ca ?? null,
      network: spec.network === undefined || spec.network === "none" ? null : spec.network,
      mostBytes: parseSize(sourceLimit) ?? sourceBounds.bytes,
      refreshMs: parseDuration(refresh) ?? 0,
      submodules: spec.submodules === true,
      commit: null,
    },
  };
}

function readCredentials(given: NonNullable<RunnerSpec["credentials"]>): SourceCredentials {
  if ("token" in given) {
    const { secret, key = "token" } = given.token;
    return { kind: "token", secret, key, user: given.username ?? "git" };
  }
  const { secret, key = "key" } = given.sshKey;
  return { kind: "ssh", secret, key, knownHosts: given.knownHosts };
}

function whyNotFor(transport: "http" | "ssh", credentials: RunnerSpec["credentials"]): string | null {
  if (transport === "ssh" && (credentials === undefined || !("sshKey" in credentials)))
    return "must be an `sshKey` with `knownHosts`, as `url` is of ssh";
  if (transport === "http" && credentials !== undefined && !("token" in credentials))
    return "must be a `token`, as `url` is of HTTP";
  return null;
}

function whyNoFolder(path: string): string | null {
  const isInside = path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  return isInside && !/\p{Cc}/u.test(path)
    ? null
    : "must be a relative path without `..`, `.` or empty parts";
}

const keyType = /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+$/;

/** Lines as `known_hosts` has them, or only the keys in them. */
function whyNoHosts(text: string): string | null {
  const lines = knownHostLines(text);
  if (lines.length > 0 && lines.every(holdsKey)) return null;
  return "must be lines as `ssh-keyscan HOST` prints them: a host, a type and a key";
}

/** A type with a key behind it, alone, behind the host, or behind a marker and the host. */
function holdsKey(words: readonly string[]): boolean {
  const at = words.findIndex((word) => keyType.test(word));
  return at >= 0 && at <= 2 && words.length > at + 1;
}

function knownHostLines(text: string): string[][] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/\s+/));
}

/** The file that ssh reads: what is a key alone is that of the host. */
export function knownHostsFile(text: string, { host, port }: { host: string; port: number }): string {
  const name = port === 22 ? host : `[${host}]:${port}`;
  const lines = knownHostLines(text).map((words) =>
    keyType.test(words[0] ?? "") ? [name, ...words].join(" ") : words.join(" "),
  );
  return `${lines.join("\n")}\n`;
}
