import { type DnsRecord, questionCodec, recordCodec } from "../../src/lib/dns/codec.ts";
import { createManualClock, type ManualClock } from "../../src/lib/manual-clock.ts";
import type { Lookup } from "../../src/engines/local/resolver/lookups.ts";
import { HEADER_BYTES, readHeader } from "../../src/lib/dns/message.ts";
import type { NameSource } from "../../src/engines/local/resolver/name-rules.ts";
import { ResolverJobs } from "../../src/engines/local/resolver/resolver-jobs.ts";
import type { Asked } from "../../src/lib/dns/upstream.ts";
import { writeEdns, writeQuestionOf } from "../../src/lib/dns/write-records.ts";
import { answerTo, type PlayedAnswer } from "./play-name-server.ts";

/** What other servers say of a name, by `TYPE name`; of what is not here: that nobody says anything. */
export type World = Record<string, PlayedAnswer>;

/** A job's end of the resolver, with a world of names instead of other servers, and a recorder instead of the kernel. */
export interface ResolverBench {
  jobs: ResolverJobs;
  clock: ManualClock;
  /** `TYPE name` of what was asked of other servers, and the addresses of these. */
  asked: string[];
  servers: string[];
  opened: { link: string; addresses: readonly string[]; ms: number }[];
  noted: Lookup[];
  /** The opener answers with this from now on. */
  failOpening(error: Error): void;
  ask(
    name: string,
    type?: string,
    options?: { edns?: number; by?: "packet" | "stream"; from?: string },
  ): Promise<Told>;
}

export interface Told {
  rcode: number | undefined;
  isTruncated: boolean;
  /** `TYPE data ttl`. */
  records: string[];
  bytes: Buffer | null;
}

const source: NameSource = { domains: ["granted.org", "*.granted.org"], named: [], resolvers: [] };

export function resolverBench(
  world: World,
  rules: Partial<NameSource> = {},
  { hasV6 = true } = {},
): ResolverBench {
  const clock = createManualClock();
  const [asked, servers, opened, noted]: [string[], string[], ResolverBench["opened"], Lookup[]] = [
    [],
    [],
    [],
    [],
  ];
  let failure: Error | null = null;
  const upstream = {
    ask(question: Asked, of: readonly { address: string }[]): Promise<Buffer | null> {
      const { name, type } = questionCodec.decode(question.question, 0);
      asked.push(`${type} ${name}`);
      servers.push(...of.map(({ address }) => address));
      const played = world[`${type} ${name}`];
      const one = { id: 7, question: question.question, name, by: "packet" as const };
      return Promise.resolve(played === undefined ? null : answerTo(one, played));
    },
  };
  const opener = {
    open(link: string, addresses: readonly string[], ms: number): Promise<void> {
      if (failure !== null) return Promise.reject(failure);
      opened.push({ link, addresses, ms });
      return Promise.resolve();
    },
  };
  const hostServers = () => [{ address: "10.9.9.9", port: 53 }];
  const jobs = new ResolverJobs({ upstream, hostServers, opener, clock });
  jobs.learnRules("digest", { ...source, ...rules });
  jobs.admit(
    { address: "10.88.1.1", link: "b7-1", hasV6, digest: "digest" },
    { note: (one) => noted.push(one) },
  );
  return {
    jobs,
    clock,
    asked,
    servers,
    opened,
    noted,
    failOpening: (error) => (failure = error),
    async ask(name, type = "A", { edns, by = "packet", from = "10.88.1.1" } = {}) {
      return read(await jobs.answer(from, queryOf(name, type, edns), by));
    },
  };
}

/** As the stub of a C library sends it. */
export function queryOf(name: string, type = "A", edns?: number): Buffer {
  const header = Buffer.from([0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, edns === undefined ? 0 : 1]);
  return Buffer.concat([
    header,
    writeQuestionOf({ name, type }),
    ...(edns === undefined ? [] : [writeEdns(edns)]),
  ]);
}

export function read(bytes: Buffer | null): Told {
  const header = bytes === null ? null : readHeader(bytes);
  if (bytes === null || header === null) return { rcode: undefined, isTruncated: false, records: [], bytes };
  let offset = HEADER_BYTES;
  if (header.questions === 1) {
    questionCodec.decode(bytes, offset);
    offset += questionCodec.decode.bytes;
  }
  const records = Array.from({ length: header.answers }, () => {
    const record = recordCodec.decode(bytes, offset);
    offset += recordCodec.decode.bytes;
    return textOf(record);
  });
  return { rcode: header.rcode, isTruncated: header.isTruncated, records, bytes };
}

function textOf(record: DnsRecord): string {
  if (!("data" in record)) return record.type;
  const data = Buffer.isBuffer(record.data) ? record.data.toString("hex") : String(record.data);
  return `${record.name} ${record.type} ${data} ${record.ttl}`;
}
