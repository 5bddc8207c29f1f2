import { type Alias, followAliases, MOST_ALIASES } from "./alias-chain.ts";
import type { Server } from "./exchange.ts";
import { RCODE, readHeader } from "./message.ts";
import { type KnownRecord, readRecords } from "./records.ts";
import { writeQuestionOf } from "./write-records.ts";
import type { Upstream } from "./upstream.ts";

/** What there is of one name, whoever asks. */
export type Found =
  | {
      kind: "found";
      aliases: readonly Alias[];
      records: readonly KnownRecord[];
      exists: boolean;
      ttl: number;
    }
  /** Nobody says, or what is said goes round in circles. */
  | { kind: "unknown" };

/** For how long it holds, in seconds, that there is nothing. */
const NOTHING_HOLDS = 5;
/** The longest that anything holds, in seconds: what a name leads to is looked at again. */
const MOST_TTL = 300;

interface Said {
  exists: boolean;
  records: readonly KnownRecord[];
  /** Whether the answer says by itself that there is no more than it tells. */
  isWhole: boolean;
}

/** Finds out what a name leads to, through as many other names as one question may be led through. */
export async function lookUp(
  { name, type }: { name: string; type: string },
  { upstream, servers }: { upstream: Pick<Upstream, "ask">; servers: readonly Server[] },
): Promise<Found> {
  let aliases: readonly Alias[] = [];
  let end = name;
  // A server that leads on by itself, as most do, is asked once.
  for (let round = 0; round <= MOST_ALIASES; round += 1) {
    const question = writeQuestionOf({ name: end, type });
    const answer = await upstream.ask({ question, additionals: [], leavesUnchecked: false }, servers);
    const said = answer === null ? null : readAnswer(answer);
    if (said === null) return { kind: "unknown" };
    const followed = followAliases(end, { records: said.records, before: aliases });
    if (followed.kind === "endless") return { kind: "unknown" };
    const isLedOn = followed.end !== end;
    ({ aliases, end } = followed);
    const records = said.records.filter((record) => record.owner === end && isOfType(record, type));
    if (records.length > 0 || !isLedOn || said.isWhole || type === "CNAME") {
      return {
        kind: "found",
        aliases,
        records,
        exists: said.exists,
        ttl: ttlOf(type === "CNAME" ? aliases : records, aliases),
      };
    }
  }
  return { kind: "unknown" };
}

/** null where its bytes are not what they should be. */
function readAnswer(answer: Buffer): Said | null {
  const header = readHeader(answer);
  if (header === null) return null;
  const exists = header.rcode !== RCODE.noSuchName;
  try {
    return { exists, records: readRecords(answer), isWhole: !exists || header.authorities > 0 };
  } catch {
    return null;
  }
}

function isOfType(record: KnownRecord, type: string): boolean {
  return record.kind !== "alias" && record.type === type;
}

/** As long as all of it holds. `wanted`: what was asked for, of which there may be none. */
function ttlOf(wanted: readonly { ttl: number }[], aliases: readonly Alias[]): number {
  const longest = wanted.length === 0 ? NOTHING_HOLDS : MOST_TTL;
  return Math.min(longest, ...[...wanted, ...aliases].map(({ ttl }) => ttl));
}
