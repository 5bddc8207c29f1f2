import type { Isolation, IsolationItem } from "@berth/protocol";
import { readlinkSync } from "node:fs";

/** The namespaces of a job: the item that tells of it, and its name below /proc/PID/ns. */
const NAMESPACES = {
  "user-namespace": "user",
  "pid-namespace": "pid",
  "mount-namespace": "mnt",
  "network-namespace": "net",
  "ipc-namespace": "ipc",
  "uts-namespace": "uts",
  "cgroup-namespace": "cgroup",
} as const;

const CAPABILITY_SETS = ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"];

/** Of all that is shown, what is asked for: a process has fifty lines of status. */
const WORDS = [
  ...Object.values<string>(NAMESPACES),
  ...CAPABILITY_SETS,
  "map",
  "NoNewPrivs:",
  "Seccomp:",
  "end",
];
const LINES = new RegExp(`^(${WORDS.join("|")})(?:[ \\t](.*))?$`, "gm");

/**
 * What the kernel shows of a sandbox, by words: its namespaces, the ids of its users, and of the status of its pid 1 what
 * it may. The shim has looked, from outside, when the sandbox stood; native/README.md has the words.
 */
export type Look = ReadonlyMap<string, string>;

/** null where nobody has looked, or not to the end. */
export function parseLook(text: string): Look | null {
  const look = new Map<string, string>();
  for (const [, word = "", rest = ""] of text.matchAll(LINES))
    look.set(word, rest.trim().replaceAll(/\s+/g, " "));
  return look.has("end") ? look : null;
}

/** This process's own namespace: one that a job has too is not the job's own. */
function ours(name: string): string {
  const known = own.get(name) ?? readlinkSync(`/proc/self/ns/${name}`);
  own.set(name, known);
  return known;
}

/** Looked up once: every start of a job asks for them, and a process of ours never leaves its own. */
const own = new Map<string, string>();

/** Why the look does not bear an item out; null when it does, or has nothing to say of it. */
function contradiction(name: string, look: Look, own: (name: string) => string): string | null {
  const shown = (word: string): string => look.get(word) ?? "nothing";
  const unless = (holds: boolean, word: string): string | null =>
    holds ? null : `the kernel shows ${word.replace(":", "")} ${shown(word)}`;
  switch (name) {
    case "user-namespace":
      if (!/^0 [1-9]\d{8,} 65536$/.test(shown("map"))) return `the kernel shows the ids ${shown("map")}`;
      return namespaceIn(look, { name, own });
    case "capabilities":
      return CAPABILITY_SETS.map((set) => unless(/^0+$/.test(shown(set)), set)).find((why) => why) ?? null;
    case "no-new-privileges":
      return unless(shown("NoNewPrivs:") === "1", "NoNewPrivs:");
    case "seccomp":
      return unless(shown("Seccomp:") === "2", "Seccomp:");
    default:
      return namespaceIn(look, { name, own });
  }
}

function namespaceIn(
  look: Look,
  { name, own }: { name: string; own: (name: string) => string },
): string | null {
  const short = (NAMESPACES as Readonly<Record<string, string>>)[name];
  if (short === undefined) return null;
  const seen = look.get(short) ?? "";
  if (!/^[a-z]+:\[\d+\]$/.test(seen)) return "the kernel shows none";
  return seen === own(short) ? `not of its own: ${seen} is the server's too` : null;
}

/** The items of these that a look can tell of. */
const isSeen = ({ name }: IsolationItem): boolean =>
  name in NAMESPACES || ["capabilities", "no-new-privileges", "seccomp"].includes(name);

/** What was planned, as the kernel shows it: what it does not show is not applied, whatever was planned. */
export function readBack(
  { level, items }: Isolation,
  look: Look | null,
  own: (name: string) => string = ours,
): Isolation {
  const read = items.map((item) => {
    if (!isSeen(item)) return item;
    const why = look
      ? contradiction(item.name, look, own)
      : "not read back: nobody could look at its sandbox";
    return why === null ? item : { ...item, applied: false, detail: why };
  });
  return { level, items: read };
}
