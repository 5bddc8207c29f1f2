import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";

/** What came of a question for a name. */
const lookupOutcomes = [
  /** Its addresses were told, and are open where the profile goes by names. */
  "answered",
  /** There is such a name, and nothing of what was asked for; or there is none. */
  "empty",
  /** No pattern of the profile grants it. */
  "not-granted",
  /** It leads to addresses that no profile opens without naming them. */
  "closed",
  /** The job has as many addresses open as it may have. */
  "full",
  /** No server of names said anything of use. */
  "failed",
] as const;

/**
 * No more are opened and told at once, as each is an element of a set of the kernel's; nor noted, as who owns a name gives
 * it as many as a message has room for.
 */
export const MOST_ADDRESSES = 16;

const lookup = z.object({
  /** Epoch ms. */
  at: z.number(),
  name: z.string(),
  /** As in `A`. */
  type: z.string(),
  outcome: z.enum(lookupOutcomes),
  /** What was told; of `closed` what was kept back. Of more than MOST_ADDRESSES the first. */
  addresses: z.array(z.string()),
});

/** One question that a job asked. */
export type Lookup = z.infer<typeof lookup>;

export const writeLookup = (one: Lookup): string => `${JSON.stringify(one)}\n`;

/** What a job's file of look-ups says; a line that was cut off, as by a full disk, is left out. */
export function readLookups(text: string): Lookup[] {
  return readLines(text.split("\n"));
}

/** So many lines are read before it is others' turn. */
const LINES_A_TURN = 50;

/** The same on a thread that has other things to do: what one job asked for keeps nobody else waiting. */
export async function readLookupsByTurns(text: string): Promise<Lookup[]> {
  const lines = text.split("\n");
  const read: Lookup[] = [];
  for (let at = 0; at < lines.length; at += LINES_A_TURN) {
    if (at > 0) await nextTurn();
    read.push(...readLines(lines.slice(at, at + LINES_A_TURN)));
  }
  return read;
}

function readLines(lines: readonly string[]): Lookup[] {
  return lines.flatMap((line) => {
    const read = lookup.safeParse(parsed(line));
    return read.success ? [read.data] : [];
  });
}

/** By address, the name that last led the job to it. */
export function namesByAddress(lookups: readonly Lookup[]): Map<string, string> {
  const answered = lookups.filter(({ outcome }) => outcome === "answered" || outcome === "closed");
  return new Map(answered.flatMap(({ name, addresses }) => addresses.map((address) => [address, name])));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
