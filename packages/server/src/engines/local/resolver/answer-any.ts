import { isHostName } from "../../../core/network/name-pattern.ts";
import { type Asker, serversFor, type Sources } from "./answer-by-name.ts";
import { HEADER_BYTES, RCODE, type Reply } from "../../../lib/dns/message.ts";
import type { Query } from "../../../lib/dns/query.ts";
import { readRecords } from "../../../lib/dns/records.ts";
import { writeEdns, writeQuestionOf } from "../../../lib/dns/write-records.ts";

/** As long as a packet may be that passes everywhere without being cut up. */
export const SAFE_PACKET_BYTES = 1232;

/** Asks for many at once what they ask for alike. */
export interface SharedQuestions {
  get(
    key: string,
    find: () => Promise<{ value: Buffer | null; ms: number }>,
  ): Promise<{ value: Buffer | null }>;
}

/**
 * Answers a question of a job that does not go by names: with what others answer, whatever that is. Nothing is opened by it,
 * so what it says need not be looked at; it is kept for nobody, as one answer may be as long as a message can be.
 */
export async function answerAny(
  query: Query,
  asker: Asker,
  { shared, ...sources }: Sources & { shared: SharedQuestions },
): Promise<Reply | Buffer> {
  const { name, type, question, edns } = query;
  if (query.space !== "IN") return { question, rcode: RCODE.refused };
  const wantsSignatures = edns?.wantsSignatures === true;
  const additionals = edns === null ? [] : [writeEdns(SAFE_PACKET_BYTES, { wantsSignatures })];
  const asked = { question: writeQuestionOf({ name, type }), additionals, leavesUnchecked: wantsSignatures };
  const key = `${asker.digest} ${type} ${edns === null ? "-" : wantsSignatures} ${name}`;
  const { value: answer } = await shared.get(key, async () => ({
    value: await sources.upstream.ask(asked, serversFor(asker, sources)),
    ms: 0,
  }));
  note(query, { answer, asker, at: sources.clock.now() });
  return answer === null ? { question, rcode: RCODE.failed } : readdressed(answer, query);
}

/** The same answer with the number and the letters of this question. */
function readdressed(answer: Buffer, { id, question }: Query): Buffer {
  const own = Buffer.from(answer);
  own.writeUInt16BE(id, 0);
  question.copy(own, HEADER_BYTES);
  return own;
}

/** By which name an address was found is told beside what the job did with it. */
function note(
  { name, type }: Query,
  { answer, asker, at }: { answer: Buffer | null; asker: Asker; at: number },
): void {
  if ((type !== "A" && type !== "AAAA") || !isHostName(name)) return;
  const addresses = answer === null ? [] : addressesIn(answer);
  const outcome = answer === null ? "failed" : addresses.length === 0 ? "empty" : "answered";
  asker.note({ at, name, type, outcome, addresses });
}

function addressesIn(answer: Buffer): string[] {
  try {
    return readRecords(answer).flatMap((record) => (record.kind === "address" ? [record.address] : []));
  } catch {
    // The job reads it for itself, or does not.
    return [];
  }
}
