import type { Clock } from "../../../lib/clock.ts";
import { Allowance } from "./allowance.ts";
import { AnswerCache } from "./answer-cache.ts";
import { answerAny, SAFE_PACKET_BYTES } from "./answer-any.ts";
import { answerByName, type Asker, type Sources } from "./answer-by-name.ts";
import type { Server } from "../../../lib/dns/exchange.ts";
import type { Found } from "../../../lib/dns/look-up.ts";
import type { LookupJournal } from "./lookup-journal.ts";
import { MOST_MESSAGE_BYTES, RCODE, type Reply, writeReply } from "../../../lib/dns/message.ts";
import { NameRules, type NameSource } from "./name-rules.ts";
import { type Opener, Openings } from "./openings.ts";
import { type Query, readQuery } from "../../../lib/dns/query.ts";
import type { Upstream } from "../../../lib/dns/upstream.ts";
import { writeEdns } from "../../../lib/dns/write-records.ts";

/** A job that may ask for names. */
export interface ResolvedJob {
  /** From which it asks: no other job can send from there. */
  address: string;
  /** What the host calls its link. */
  link: string;
  hasV6: boolean;
  /** Tells its profile from others. */
  digest: string;
}

export interface ResolverJobsOptions {
  upstream: Pick<Upstream, "ask">;
  hostServers: () => readonly Server[];
  opener: Opener;
  clock: Clock;
}

/** Questions of one job: in a second, and saved up. The kernel drops what one job sends beyond that, so that none wakes us. */
const RATE = { perSecond: 200, most: 400 } as const;
/** Of one job at once: what comes beside them is asked again by itself. */
const MOST_UNDER_WAY = 64;
const MOST_UNDER_WAY_OF_MANY = 4;
/** Half of what other servers are asked at once, of all jobs together. */
const MANY_UNDER_WAY = 512;
const MOST_KEPT = 10_000;
/** Without EDNS. */
const PLAIN_PACKET_BYTES = 512;

interface Admitted extends Asker {
  openings: Openings;
  allowance: Allowance;
  underWay: number;
}

/** The jobs that may ask, and what each is answered. */
export class ResolverJobs {
  readonly #sources: Sources & { shared: AnswerCache<Buffer | null> };
  readonly #opener: Opener;
  readonly #jobs = new Map<string, Admitted>();
  readonly #rules = new Map<string, NameRules>();
  #underWay = 0;

  constructor({ opener, clock, ...rest }: ResolverJobsOptions) {
    const cache = new AnswerCache<Found>({ most: MOST_KEPT, clock });
    const shared = new AnswerCache<Buffer | null>({ most: 0, clock });
    this.#sources = { ...rest, clock, cache, shared };
    this.#opener = opener;
  }

  /** Before the first job with them, and until `forgetRules`. */
  learnRules(digest: string, rules: NameSource): void {
    this.#rules.set(digest, new NameRules(rules));
  }

  forgetRules(digest: string): void {
    this.#rules.delete(digest);
  }

  /** From now on the job is answered. */
  admit({ address, link, hasV6, digest }: ResolvedJob, journal: Pick<LookupJournal, "note">): void {
    const rules = this.#rules.get(digest);
    if (rules === undefined) throw new Error(`Nobody has told the rules of ${digest}`);
    const { clock } = this.#sources;
    const openings = new Openings(link, { opener: this.#opener, clock });
    const allowance = new Allowance({ ...RATE, clock });
    const note: Asker["note"] = (lookup) => journal.note(lookup);
    this.#jobs.set(address, { digest, rules, hasV6, openings, allowance, underWay: 0, note });
  }

  /** All that was opened is shut, as somebody has changed the kernel's sets. */
  forgetOpenings(): void {
    for (const { openings } of this.#jobs.values()) openings.forget();
  }

  dismiss(address: string): void {
    this.#jobs.delete(address);
  }

  /** Whether that is a job's address. */
  knows(from: string): boolean {
    return this.#jobs.has(from);
  }

  /** What is sent back to where a message came from; null for nothing. */
  async answer(from: string, message: Buffer, by: "packet" | "stream"): Promise<Buffer | null> {
    const job = this.#jobs.get(from);
    if (job === undefined || !job.allowance.take()) return null;
    const read = readQuery(message);
    if (read.kind === "nothing") return null;
    if (read.kind === "reply") return read.reply;
    if (job.underWay >= this.#share) return null;
    job.underWay += 1;
    this.#underWay += 1;
    try {
      return fitted(read.query, { reply: await this.#answer(read.query, job), by });
    } finally {
      job.underWay -= 1;
      this.#underWay -= 1;
    }
  }

  /** How many of its questions may be under way at once: fewer where many are, so that none takes the room of all others. */
  get #share(): number {
    return this.#underWay < MANY_UNDER_WAY ? MOST_UNDER_WAY : MOST_UNDER_WAY_OF_MANY;
  }

  async #answer(query: Query, job: Admitted): Promise<Reply | Buffer> {
    if (job.rules.patterns === null) return await answerAny(query, job, this.#sources);
    return await answerByName(query, job, this.#sources);
  }
}

/** What does not fit is cut off whole: whoever asked asks again by a stream. */
function fitted(query: Query, { reply, by }: { reply: Reply | Buffer; by: "packet" | "stream" }): Buffer {
  const additionals = query.edns === null ? [] : [writeEdns(SAFE_PACKET_BYTES)];
  const bytes = Buffer.isBuffer(reply) ? reply : writeReply(query, { ...reply, additionals });
  if (bytes.length <= mostBytes(query, by)) return bytes;
  const { question } = query;
  return writeReply(query, { question, rcode: RCODE.fine, additionals, isTruncated: true });
}

function mostBytes({ edns }: Query, by: "packet" | "stream"): number {
  if (by === "stream") return MOST_MESSAGE_BYTES;
  return Math.min(Math.max(edns?.mostBytes ?? 0, PLAIN_PACKET_BYTES), SAFE_PACKET_BYTES);
}
