import { randomInt } from "node:crypto";
import { askByStream } from "./ask-by-stream.ts";
import { askByPacket } from "./ask-by-packet.ts";
import type { Server } from "./exchange.ts";
import { HEADER_BYTES, type Header, RCODE, readHeader, writeQuestion } from "./message.ts";

/** What is asked of a server, but for its number. */
export interface Asked {
  question: Buffer;
  additionals: readonly Buffer[];
  leavesUnchecked: boolean;
}

export interface UpstreamOptions {
  /** How long one server has for one answer. */
  timeoutMs?: number;
  /** Questions under way, of all jobs together: each is a socket. */
  mostAtOnce?: number;
}

const TRIES = 2;

/** Asks other servers of DNS, each question by a socket and a number of its own, so that nobody who does not see it can answer. */
export class Upstream {
  readonly #timeoutMs: number;
  readonly #mostAtOnce: number;
  #underWay = 0;

  constructor({ timeoutMs = 2000, mostAtOnce = 1024 }: UpstreamOptions = {}) {
    this.#timeoutMs = timeoutMs;
    this.#mostAtOnce = mostAtOnce;
  }

  /** The whole answer, which says that there are records or that there are none; null where no server says either. */
  async ask(asked: Asked, servers: readonly Server[]): Promise<Buffer | null> {
    if (servers.length === 0 || this.#underWay >= this.#mostAtOnce) return null;
    this.#underWay += 1;
    try {
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const server = servers[attempt % servers.length];
        const answer = server === undefined ? null : await this.#askOne(asked, server);
        if (answer !== null) return answer;
      }
      return null;
    } finally {
      this.#underWay -= 1;
    }
  }

  async #askOne(asked: Asked, server: Server): Promise<Buffer | null> {
    const id = randomInt(0x10000);
    const exchange = {
      server,
      query: writeQuestion(id, asked),
      timeoutMs: this.#timeoutMs,
      isAnswer: (bytes: Buffer) => isAnswerTo(asked.question, id, bytes),
    };
    const first = await askByPacket(exchange);
    const answer = first === "by-stream" ? await askByStream(exchange) : first;
    const header = answer === null ? null : readHeader(answer);
    return header !== null && isFinal(header) ? answer : null;
  }
}

/** Whether another server need not be asked: this one knows the name, or knows that there is none. */
function isFinal({ rcode, questions }: Header): boolean {
  return questions === 1 && (rcode === RCODE.fine || rcode === RCODE.noSuchName);
}

/** Servers may leave out the question where they refuse it, and may write its letters large or small. */
function isAnswerTo(question: Buffer, id: number, bytes: Buffer): boolean {
  const header = readHeader(bytes);
  if (header === null || !header.isResponse || header.id !== id || header.opcode !== 0) return false;
  if (header.questions === 0) return header.rcode !== RCODE.fine;
  if (header.questions !== 1) return false;
  const theirs = bytes.subarray(HEADER_BYTES, HEADER_BYTES + question.length);
  return folded(theirs) === folded(question);
}

function folded(question: Buffer): string {
  return question.toString("latin1").replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
