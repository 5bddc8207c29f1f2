import { type DnsRecord, recordCodec, questionCodec } from "./codec.ts";
import { foldName } from "./fold-name.ts";
import { HEADER_BYTES, readHeader } from "./message.ts";

/** What an answer says of one name. */
export type KnownRecord =
  | { kind: "address"; type: "A" | "AAAA"; owner: string; ttl: number; address: string }
  | { kind: "alias"; owner: string; ttl: number; target: string }
  | { kind: "binding"; type: string; owner: string; ttl: number; data: Buffer };

/** Of more records than any service has, the rest is not looked at: each may point through the whole message. */
const MOST_RECORDS = 64;
/** A time that long is none (RFC 2181, 8). */
const FIRST_FALSE_TTL = 2 ** 31;

/** SVCB and HTTPS, which the library has no names for. */
export const BINDING_TYPES: readonly string[] = ["UNKNOWN_64", "UNKNOWN_65"];

/** The records of an answer that matter here. Throws where its bytes are not what its header says. */
export function readRecords(message: Buffer): KnownRecord[] {
  const header = readHeader(message);
  if (header?.questions !== 1) throw new Error("An answer has a header and one question");
  questionCodec.decode(message, HEADER_BYTES);
  let offset = HEADER_BYTES + questionCodec.decode.bytes;
  const records: KnownRecord[] = [];
  for (let n = 0; n < Math.min(header.answers, MOST_RECORDS); n += 1) {
    const record = recordCodec.decode(message, offset);
    offset += recordCodec.decode.bytes;
    if (offset > message.length) throw new Error("The message ends within a record");
    const known = knownRecord(record);
    if (known !== null) records.push(known);
  }
  return records;
}

function knownRecord(record: DnsRecord): KnownRecord | null {
  if (!("data" in record) || record.class !== "IN") return null;
  const owner = foldName(record.name);
  const ttl = record.ttl < FIRST_FALSE_TTL ? record.ttl : 0;
  const { type, data } = record;
  if (type === "CNAME" && typeof data === "string")
    return { kind: "alias", owner, ttl, target: foldName(data) };
  if ((type === "A" || type === "AAAA") && typeof data === "string") {
    return { kind: "address", type, owner, ttl, address: data };
  }
  if (BINDING_TYPES.includes(type) && Buffer.isBuffer(data))
    return { kind: "binding", type, owner, ttl, data };
  return null;
}
