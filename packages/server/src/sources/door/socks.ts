/** What the beginning of a conversation comes to, as SOCKS 5 (RFC 1928) has it. */
export type Said =
  | { kind: "more" }
  | { kind: "wrong" }
  | { kind: "greeted"; bytes: number }
  | { kind: "done"; bytes: number; host: string; port: number };

const METHODS_AT = 2;
const NAME = 3;
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 };

/** Bytes of the greeting, which offers to go without a password; `more` where it is not whole yet. */
export function readGreeting(block: Buffer): Exclude<Said, { kind: "done" }> {
  const [version, methods] = block;
  if (version !== undefined && version !== 5) return { kind: "wrong" };
  if (methods === undefined || block.length < METHODS_AT + methods) return { kind: "more" };
  const bytes = METHODS_AT + methods;
  return block.subarray(METHODS_AT, bytes).includes(0) ? { kind: "greeted", bytes } : { kind: "wrong" };
}

/** To where a connection is asked for. */
export function readRequest(block: Buffer): Said {
  const [version, command, , kind, first] = block;
  if (kind === undefined || first === undefined) return { kind: "more" };
  if (version !== 5 || command !== 1) return { kind: "wrong" };
  const from = kind === NAME ? 5 : 4;
  const length = kind === NAME ? first : ADDRESS_BYTES[kind];
  if (length === undefined) return { kind: "wrong" };
  if (block.length < from + length + 2) return { kind: "more" };
  const host = hostIn(block.subarray(from, from + length), kind);
  return { kind: "done", bytes: from + length + 2, host, port: block.readUInt16BE(from + length) };
}

function hostIn(bytes: Buffer, kind: number): string {
  if (kind === NAME) return bytes.toString("latin1").toLowerCase();
  if (kind === 1) return [...bytes].join(".");
  const groups = Array.from({ length: 8 }, (_, n) => bytes.readUInt16BE(n * 2).toString(16));
  return groups.join(":");
}

export const WITHOUT_PASSWORD = Buffer.from([5, 0]);

/** Whether the connection is there, or why not: 2 not allowed, 4 not reachable, 5 refused. */
export function answerOf(code: 0 | 2 | 4): Buffer {
  return Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
}
