import { type DnsRecord, recordCodec, questionCodec } from "./codec.ts";

/** What is asked of another server. */
export function writeQuestionOf({ name, type }: { name: string; type: string }): Buffer {
  const question = { name, type, class: "IN" };
  const bytes = Buffer.alloc(questionCodec.encodingLength(question));
  questionCodec.encode(question, bytes, 0);
  return bytes;
}

export function writeRecord(record: {
  name: string;
  type: string;
  ttl: number;
  data: string | Buffer;
}): Buffer {
  return write({ ...record, class: "IN" });
}

const SIGNATURES_WANTED = 0x8000;

/** What says how long a packet may be; and whether signatures are asked for. */
export function writeEdns(mostBytes: number, { wantsSignatures = false } = {}): Buffer {
  const flags = wantsSignatures ? SIGNATURES_WANTED : 0;
  return write({ name: ".", type: "OPT", udpPayloadSize: mostBytes, flags, options: [] });
}

function write(record: DnsRecord): Buffer {
  const bytes = Buffer.alloc(recordCodec.encodingLength(record));
  recordCodec.encode(record, bytes, 0);
  return bytes.subarray(0, recordCodec.encode.bytes);
}
