/** The first twelve bytes of every message of DNS. */
export interface Header {
  id: number;
  isResponse: boolean;
  opcode: number;
  isTruncated: boolean;
  wantsRecursion: boolean;
  rcode: number;
  questions: number;
  answers: number;
  authorities: number;
  additionals: number;
}

export const HEADER_BYTES = 12;
/** What a length of two bytes before a message can say, as TCP has it. */
export const MOST_MESSAGE_BYTES = 0xffff;

export const RCODE = {
  fine: 0,
  malformed: 1,
  failed: 2,
  noSuchName: 3,
  notImplemented: 4,
  refused: 5,
} as const;

const RESPONSE = 0x8000;
const TRUNCATED = 0x0200;
const RECURSION_WANTED = 0x0100;
const RECURSION_DONE = 0x0080;
const CHECKING_OFF = 0x0010;

/** null where there is no whole header. */
export function readHeader(bytes: Buffer): Header | null {
  if (bytes.length < HEADER_BYTES) return null;
  const flags = bytes.readUInt16BE(2);
  return {
    id: bytes.readUInt16BE(0),
    isResponse: (flags & RESPONSE) !== 0,
    opcode: (flags >> 11) & 0xf,
    isTruncated: (flags & TRUNCATED) !== 0,
    wantsRecursion: (flags & RECURSION_WANTED) !== 0,
    rcode: flags & 0xf,
    questions: bytes.readUInt16BE(4),
    answers: bytes.readUInt16BE(6),
    authorities: bytes.readUInt16BE(8),
    additionals: bytes.readUInt16BE(10),
  };
}

/** What a reply is made of: records are written already, each as one piece. */
export interface Reply {
  rcode: number;
  question?: Buffer;
  records?: readonly Buffer[];
  additionals?: readonly Buffer[];
  isTruncated?: boolean;
}

export function writeReply(
  { id, opcode, wantsRecursion }: Pick<Header, "id" | "opcode" | "wantsRecursion">,
  { rcode, question, records = [], additionals = [], isTruncated = false }: Reply,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  const wanted = wantsRecursion ? RECURSION_WANTED : 0;
  const cut = isTruncated ? TRUNCATED : 0;
  header.writeUInt16BE(RESPONSE | (opcode << 11) | cut | wanted | RECURSION_DONE | rcode, 2);
  header.writeUInt16BE(question === undefined ? 0 : 1, 4);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt16BE(additionals.length, 10);
  return Buffer.concat([header, ...(question === undefined ? [] : [question]), ...records, ...additionals]);
}

/** A question to a server that finds out the answer by itself. */
export function writeQuestion(
  id: number,
  {
    question,
    additionals,
    leavesUnchecked,
  }: { question: Buffer; additionals: readonly Buffer[]; leavesUnchecked: boolean },
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(RECURSION_WANTED | (leavesUnchecked ? CHECKING_OFF : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(additionals.length, 10);
  return Buffer.concat([header, question, ...additionals]);
}
