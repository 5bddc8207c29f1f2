import { closeSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { join, normalize } from "node:path";
import { SeenPaths } from "./seen-paths.ts";
import { isWhiteout } from "./whiteout.ts";

export interface ProgramRequest {
  command: string;
  /** PATH inside the job. */
  path: string;
  workdir: string;
  /** The host's folder that is /work inside. */
  work: string;
  /** The tree over which that folder lies; null for none. */
  lower: string | null;
  /** The host's id of the job's user. */
  user: number;
}

/** With what was seen on the way: folders of PATH have most of their own folders in common. */
interface Search extends ProgramRequest {
  seen: SeenPaths;
}

type Looked = { kind: "found"; stat: Stats; host: string } | { kind: "missing" } | { kind: "unknown" };

/** What of the root the job shares with the host; the rest is empty or made up when it starts. */
const OF_HOST = new Set(["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"]);
const UNKNOWN = new Set(["proc", "dev", "etc", "sys"]);
const MOST_LINKS = 40;
const MOST_INTERPRETERS = 4;

/** The path of the program inside, as pid 1 is to execute it; or why it cannot be, as one sentence. */
export type Program = { path: string } | { refusal: string; found: boolean };

/**
 * Finds a command as the kernel will, below the job's root, so that the answer does not depend on what the host has
 * elsewhere. Where only the kernel can say, it is let through.
 */
export function resolveProgram(asked: ProgramRequest): Program {
  const request: Search = { ...asked, seen: new SeenPaths() };
  const { command } = request;
  if (command.includes("/")) {
    const inside = absolute(request, command);
    const refusal = judge(request, { inside, depth: 0 });
    return refusal === null ? { path: command } : { refusal, found: refusal !== notThere(inside) };
  }
  let refused: string | null = null;
  for (const folder of request.path.split(":")) {
    const inside = absolute(request, folder === "" ? command : `${folder}/${command}`);
    const refusal = judge(request, { inside, depth: 0 });
    if (refusal === null) return { path: inside };
    if (refusal !== notThere(inside)) refused ??= refusal;
  }
  if (refused !== null) return { refusal: refused, found: true };
  return {
    refusal: `The program "${command}" was not found in PATH (${request.path})${oneWordHint(command)}`,
    found: false,
  };
}

/** For a whole line of a shell where the name of a program belongs. */
function oneWordHint(command: string): string {
  return /\s/.test(command.trim())
    ? ": give the program and each argument as a word of its own, or the line to `sh -c`"
    : "";
}

function notThere(inside: string): string {
  return `The program "${inside}" does not exist in the job`;
}

function absolute({ workdir }: Search, path: string): string {
  return normalize(path.startsWith("/") ? path : `${workdir}/${path}`);
}

function judge(request: Search, { inside, depth }: { inside: string; depth: number }): string | null {
  const looked = look(request, { inside, links: 0 });
  if (looked.kind === "unknown") return null;
  const what = `The program "${inside}"`;
  if (looked.kind === "missing") return notThere(inside);
  if (looked.stat.isDirectory()) return `${what} is a folder`;
  if (!looked.stat.isFile()) return `${what} is not a regular file`;
  const bit = looked.stat.uid === request.user ? 0o100 : 0o001;
  if ((looked.stat.mode & bit) === 0) return `${what} is not executable`;
  const interpreter = interpreterOf(looked.host);
  if (interpreter === null) return null;
  if (depth === MOST_INTERPRETERS) return `${what} has interpreters nested too deep`;
  const why = judge(request, { inside: absolute(request, interpreter), depth: depth + 1 });
  return why === null ? null : `${what} names the interpreter "${interpreter}" in its first line: ${why}`;
}

function look(request: Search, { inside, links }: { inside: string; links: number }): Looked {
  const parts = inside.split("/").filter((part) => part !== "");
  const [top = ""] = parts;
  if (UNKNOWN.has(top)) return { kind: "unknown" };
  let hosts = basesOf(request, top);
  if (links > MOST_LINKS) return { kind: "missing" };
  for (let n = 1; n <= parts.length; n += 1) {
    const uppermost = uppermostOf(request.seen, hosts);
    if (!uppermost) return { kind: "missing" };
    const { stat, host } = uppermost;
    if (stat.isSymbolicLink()) {
      const target = readlinkSync(host);
      const from = `/${parts.slice(0, n - 1).join("/")}`;
      const next = [target.startsWith("/") ? target : join(from, target), ...parts.slice(n)].join("/");
      return look(request, { inside: normalize(next), links: links + 1 });
    }
    if (n === parts.length) return { kind: "found", stat, host };
    // What is no folder hides all that lies below it.
    if (!stat.isDirectory()) return { kind: "missing" };
    hosts = hosts.map((one) => join(one, parts[n] ?? ""));
  }
  return { kind: "missing" };
}

/** Where that lies on the host, the uppermost first. */
function basesOf({ work, lower }: Search, top: string): string[] {
  if (top === "work") return lower === null ? [work] : [work, lower];
  return OF_HOST.has(top) ? [`/${top}`] : [];
}

function uppermostOf(seen: SeenPaths, hosts: readonly string[]): { stat: Stats; host: string } | null {
  for (const host of hosts) {
    const stat = seen.at(host);
    if (stat) return isWhiteout(stat) ? null : { stat, host };
  }
  return null;
}

/** The interpreter that a script's first line names, as the kernel reads it; null when it is no script. */
function interpreterOf(host: string): string | null {
  const start = Buffer.alloc(256);
  const fd = openSync(host, "r");
  try {
    const length = readSync(fd, start);
    return /^#![ \t]*([^\s]+)/.exec(start.toString("latin1", 0, length))?.[1] ?? null;
  } finally {
    closeSync(fd);
  }
}
