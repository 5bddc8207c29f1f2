import { readAddress, writeAddress } from "../../../core/network/cidr.ts";
import { isHostName } from "../../../core/network/name-pattern.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { AnswerCache, Kept } from "./answer-cache.ts";
import type { Server } from "../../../lib/dns/exchange.ts";
import { type Found, lookUp } from "../../../lib/dns/look-up.ts";
import { type Lookup, MOST_ADDRESSES } from "./lookups.ts";
import { RCODE, type Reply } from "../../../lib/dns/message.ts";
import type { NameRules } from "./name-rules.ts";
import type { Openings } from "./openings.ts";
import type { Query } from "../../../lib/dns/query.ts";
import { BINDING_TYPES } from "../../../lib/dns/records.ts";
import { withoutHints } from "../../../lib/dns/service-binding.ts";
import type { Upstream } from "../../../lib/dns/upstream.ts";
import { writeRecord } from "../../../lib/dns/write-records.ts";

/** Some programs keep an answer longer than they may, and some take their time between asking and connecting. */
const LEAST_OPEN_MS = 60_000;
const OPEN_AFTERWARDS_MS = 30_000;

/** What answers the jobs of all profiles. */
export interface Sources {
  upstream: Pick<Upstream, "ask">;
  cache: AnswerCache<Found>;
  /** Whom the host asks. */
  hostServers: () => readonly Server[];
  clock: Clock;
}

/** What one job has. */
export interface Asker {
  /** Tells one profile from another. */
  digest: string;
  rules: NameRules;
  /** Whether it can reach anything by IPv6. */
  hasV6: boolean;
  openings: Pick<Openings, "open">;
  note: (lookup: Lookup) => void;
}

/** For how long it holds that nobody says anything: so long nobody is asked again. */
const UNKNOWN_HOLDS_MS = 1000;

type FoundName = Extract<Found, { kind: "found" }>;
type Told = { rcode: number; records: readonly Buffer[] };
const refused: Told = { rcode: RCODE.refused, records: [] };
const failed: Told = { rcode: RCODE.failed, records: [] };
const nothing: Told = { rcode: RCODE.fine, records: [] };
const noSuchName: Told = { rcode: RCODE.noSuchName, records: [] };

/** Answers a question of a job whose profile goes by names: with what it then reaches, and with nothing else. */
export async function answerByName(query: Query, asker: Asker, sources: Sources): Promise<Reply> {
  const { question } = query;
  return { question, ...(await tell(query, asker, sources)) };
}

async function tell(query: Query, asker: Asker, sources: Sources): Promise<Told> {
  const { name, type } = query;
  if (query.space !== "IN" || asker.rules.patterns?.match(name) === null) {
    noteOf(query, asker, sources)("not-granted");
    return refused;
  }
  const isAddress = type === "A" || type === "AAAA";
  if (!isAddress && type !== "CNAME" && !BINDING_TYPES.includes(type)) return nothing;
  if (type === "AAAA" && !asker.hasV6) return nothing;
  const { value: found, leftMs } = await sources.cache.get(`${asker.digest} ${type} ${name}`, () =>
    find(query, asker, sources),
  );
  if (found.kind === "unknown") {
    noteOf(query, asker, sources)("failed");
    return failed;
  }
  const ttl = Math.ceil(leftMs / 1000);
  return isAddress
    ? await tellAddresses(found, { query, asker, sources, ttl })
    : tellOthers(found, { query, ttl });
}

async function find(query: Query, asker: Asker, sources: Sources): Promise<Kept<Found>> {
  const found = await lookUp(query, { upstream: sources.upstream, servers: serversFor(asker, sources) });
  return { value: found, ms: found.kind === "unknown" ? UNKNOWN_HOLDS_MS : found.ttl * 1000 };
}

/** Whom to ask for this job. */
export function serversFor(
  { rules }: Pick<Asker, "rules">,
  { hostServers }: Pick<Sources, "hostServers">,
): readonly Server[] {
  return rules.servers.length > 0 ? rules.servers : hostServers();
}

interface Telling {
  query: Query;
  asker: Asker;
  sources: Sources;
  /** Seconds for which what is told holds. */
  ttl: number;
}

/** Opens first and tells afterwards: what is told is open, and what is open was told. */
async function tellAddresses(found: FoundName, { query, asker, sources, ttl }: Telling): Promise<Told> {
  const note = noteOf(query, asker, sources);
  const judged = judgedOf(found, asker.rules);
  const closed = judged.filter(({ verdict }) => verdict === "is-closed");
  if (closed.length > 0)
    note(
      "closed",
      closed.map(({ address }) => address),
    );
  const open = judged.filter(({ verdict }) => verdict !== "is-closed").slice(0, MOST_ADDRESSES);
  if (open.length === 0) {
    if (closed.length === 0) note("empty");
    return found.exists ? nothing : noSuchName;
  }
  const told = await openAll(open, { asker, ttl }).catch(() => null);
  if (told === null || told.length === 0) {
    note(told === null ? "failed" : "full");
    return failed;
  }
  note("answered", told);
  const records = told.map((data) => writeRecord({ name: endOf(found, query), type: query.type, ttl, data }));
  return { rcode: RCODE.fine, records: [...aliasRecords(found, { query, ttl }), ...records] };
}

interface Judged {
  address: string;
  verdict: ReturnType<NameRules["judge"]>;
}

/** Those of them that packets reach now. */
async function openAll(
  judged: readonly Judged[],
  { asker, ttl }: { asker: Asker; ttl: number },
): Promise<string[]> {
  const leastMs = Math.max(ttl * 1000, LEAST_OPEN_MS);
  const due = judged.filter(({ verdict }) => verdict === "opens").map(({ address }) => address);
  const opened = new Set(await asker.openings.open(due, { leastMs, ms: leastMs + OPEN_AFTERWARDS_MS }));
  return judged
    .filter(({ verdict, address }) => verdict === "is-told" || opened.has(address))
    .map(({ address }) => address);
}

/** Each address once, in the spelling that all others use. */
function judgedOf({ records }: FoundName, rules: NameRules): Judged[] {
  const judged = new Map<string, Judged>();
  for (const record of records) {
    const address = record.kind === "address" ? readAddress(record.address) : null;
    if (address === null) continue;
    const text = writeAddress(address);
    judged.set(text, { address: text, verdict: rules.judge(address) });
  }
  return [...judged.values()];
}

function tellOthers(found: FoundName, { query, ttl }: Pick<Telling, "query" | "ttl">): Told {
  const records = found.records.flatMap((record) => {
    const data = record.kind === "binding" ? withoutHints(record.data) : null;
    return data === null ? [] : [writeRecord({ name: endOf(found, query), type: query.type, ttl, data })];
  });
  const rcode = found.exists ? RCODE.fine : RCODE.noSuchName;
  return { rcode, records: [...aliasRecords(found, { query, ttl }), ...records] };
}

/** The name that was asked for is written back in the letters in which it was asked for. */
function aliasRecords({ aliases }: FoundName, { query, ttl }: Pick<Telling, "query" | "ttl">): Buffer[] {
  return aliases.map(({ owner, target }) =>
    writeRecord({ name: owner === query.name ? query.asked : owner, type: "CNAME", ttl, data: target }),
  );
}

function endOf({ aliases }: FoundName, { asked }: Query): string {
  return aliases.at(-1)?.target ?? asked;
}

/** Notes what came of the question. What no host can be called is not noted: nobody is to be shown its bytes. */
function noteOf({ name, type }: Query, { note }: Asker, { clock }: Sources) {
  return (outcome: Lookup["outcome"], addresses: string[] = []): void => {
    if (isHostName(name)) note({ at: clock.now(), name, type, outcome, addresses });
  };
}
