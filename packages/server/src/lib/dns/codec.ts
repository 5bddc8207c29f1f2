import { answer, question } from "dns-packet";

/** Reads and writes one kind of thing; `bytes` is how many the last call of that function took. */
interface Codec<Value> {
  encode: { (value: Value, buffer: Buffer, offset: number): unknown; bytes: number };
  decode: { (buffer: Buffer, offset: number): Value; bytes: number };
  encodingLength: (value: Value) => number;
}

interface Question {
  name: string;
  /** As in `A`; `UNKNOWN_65` where the library has no name for it. */
  type: string;
  class: string;
}

export type DnsRecord = OptRecord | OtherRecord;

interface OptRecord {
  name: string;
  type: string;
  udpPayloadSize: number;
  flags: number;
  options: readonly { code: number; data: Buffer }[];
}

interface OtherRecord {
  name: string;
  type: string;
  class: string;
  ttl: number;
  /** A text of A, AAAA and CNAME; bytes of what the library does not know. */
  data: unknown;
}

export const questionCodec = question as Codec<Question>;
export const recordCodec = answer as Codec<DnsRecord>;
