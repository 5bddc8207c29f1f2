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

/**
 * What a job of the engine's own executes to say what the kernel shows it of itself, a word and what it says in a line.
 * All jobs are made by the same program from the same configuration, in the same view of the host and under the same
 * kernel, so that this one is asked for all of them, once for each spawner: to ask each would cost it a millisecond.
 * What differs from job to job, its ids and its limits, is not asked here: limits are read back for each.
 */
export const LOOK = `for n in ${Object.values(NAMESPACES).join(" ")}; do echo "$n $(readlink /proc/self/ns/$n)"; done
echo "map $(cat /proc/self/uid_map)"
while read -r name value; do case $name in Cap*|NoNewPrivs:|Seccomp:) echo "$name $value";; esac; done </proc/self/status
echo end`;

/** What the look has shown, by its words; null where there was none, or it did not come to its end. */
export type Look = ReadonlyMap<string, string>;

export function parseLook(text: string): Look | null {
  const lines = text.split("\n").map((line): [string, string] => {
    const [name = "", ...rest] = line.trim().split(/\s+/);
    return [name, rest.join(" ")];
  });
  const look = new Map(lines);
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

const CAPABILITY_SETS = ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"];

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
    const why = look ? contradiction(item.name, look, own) : "not read back: the runtime ran no probe";
    return why === null ? item : { ...item, applied: false, detail: why };
  });
  return { level, items: read };
}
