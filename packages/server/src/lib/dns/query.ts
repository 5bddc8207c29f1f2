import { recordCodec, questionCodec } from "./codec.ts";
import { foldName } from "./fold-name.ts";
import { HEADER_BYTES, type Header, RCODE, readHeader, writeReply } from "./message.ts";

/** What a job asks for. */
export interface Query {
  id: number;
  /** As it was asked, byte for byte: names are answered in the letters in which they were asked for. */
  question: Buffer;
  /** In the letters of the question. */
  asked: string;
  /** Folded: lower case, no dot at the end. */
  name: string;
  type: string;
  /** `IN` for all that matters. */
  space: string;
  opcode: number;
  wantsRecursion: boolean;
  /** What of EDNS was asked for; null where nothing was. */
  edns: { mostBytes: number; wantsSignatures: boolean } | null;
}

export type ReadQuery =
  | { kind: "query"; query: Query }
  /** Said at once: it cannot be answered. */
  | { kind: "reply"; reply: Buffer }
  /** Not a question at all: an answer to it could go on for ever. */
  | { kind: "nothing" };

/** No question is longer: a name has 255 bytes at most, and what EDNS adds is as much again. */
export const MOST_QUERY_BYTES = 1232;

/** Reads what came from a job: its bytes are nobody's but the job's. */
export function readQuery(bytes: Buffer): ReadQuery {
  const header = readHeader(bytes);
  if (header === null || header.isResponse) return { kind: "nothing" };
  const refuse = (rcode: number): ReadQuery => ({ kind: "reply", reply: writeReply(header, { rcode }) });
  if (header.opcode !== 0) return refuse(RCODE.notImplemented);
  if (bytes.length > MOST_QUERY_BYTES || header.questions !== 1 || header.answers + header.authorities > 0) {
    return refuse(RCODE.malformed);
  }
  try {
    const query = readBody(bytes, header);
    return query === null ? refuse(RCODE.malformed) : { kind: "query", query };
  } catch {
    return refuse(RCODE.malformed);
  }
}

/** null where the name is written in a way in which it is not written back: a dot within a part, or bytes of no text. */
function readBody(bytes: Buffer, header: Header): Query | null {
  const read = questionCodec.decode(bytes, HEADER_BYTES);
  const question = bytes.subarray(HEADER_BYTES, HEADER_BYTES + questionCodec.decode.bytes);
  const same = Buffer.alloc(questionCodec.encodingLength(read));
  questionCodec.encode(read, same, 0);
  if (!same.equals(question)) return null;
  let offset = HEADER_BYTES + question.length;
  let edns: Query["edns"] = null;
  // More than a signature and EDNS nobody sends.
  for (let n = 0; n < Math.min(header.additionals, 2); n += 1) {
    const record = recordCodec.decode(bytes, offset);
    offset += recordCodec.decode.bytes;
    if ("options" in record)
      edns = { mostBytes: record.udpPayloadSize, wantsSignatures: (record.flags & 0x8000) !== 0 };
  }
  const { id, opcode, wantsRecursion } = header;
  const { name: asked, type, class: space } = read;
  return { id, opcode, wantsRecursion, question, asked, name: foldName(asked), type, space, edns };
}
