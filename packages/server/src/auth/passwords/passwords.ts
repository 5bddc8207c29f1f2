import { extname } from "node:path";
import { BerthError } from "@berth/protocol";
import { FairWorker } from "../../lib/turns/fair-worker.ts";

export type PasswordQuestion =
  | { kind: "hash"; password: Uint8Array }
  | { kind: "check"; password: Uint8Array; stored: string | null };

export type PasswordAnswer = { kind: "hash"; stored: string } | { kind: "check"; isRight: boolean };

/** Hashes passwords and checks them, in a thread of its own; who asks for many waits behind who asks for few. */
export class Passwords implements AsyncDisposable {
  readonly #worker = new FairWorker<PasswordQuestion, PasswordAnswer>({
    name: "berth-passwords",
    threadFile: new URL(`./password-thread${extname(import.meta.url)}`, import.meta.url),
    operation: "login: hand over a password",
    closed: () => new BerthError("SHUTTING_DOWN", "Cannot check a password: the server is shutting down"),
  });
  readonly #mostWaiting: number;
  #waiting = 0;

  /** So many may wait by default: two or three seconds of them. */
  constructor({ mostWaiting = 64 }: { mostWaiting?: number } = {}) {
    this.#mostWaiting = mostWaiting;
  }

  /** The text to be stored for a password. */
  async hash(password: string, { who }: { who: string }): Promise<string> {
    const answer = await this.#ask({ kind: "hash", password: bytesOf(password) }, who);
    if (answer.kind !== "hash") throw new Error("Cannot hash a password: the thread answered something else");
    return answer.stored;
  }

  /** Whether the password is the one of the stored text. Without a text it takes as long, and is wrong. */
  async check(password: string, { stored, who }: { stored: string | null; who: string }): Promise<boolean> {
    const answer = await this.#ask({ kind: "check", password: bytesOf(password), stored }, who);
    return answer.kind === "check" && answer.isRight;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#worker[Symbol.asyncDispose]();
  }

  /** Throws IDENTITY_UNAVAILABLE where too many wait. */
  async #ask(asked: PasswordQuestion, who: string): Promise<PasswordAnswer> {
    if (this.#waiting >= this.#mostWaiting) {
      throw new BerthError("IDENTITY_UNAVAILABLE", "Cannot check a password: too many are checked already", {
        retryAfterMs: 1000,
      });
    }
    this.#waiting += 1;
    try {
      return await this.#worker.ask(asked, { who, moved: [] });
    } finally {
      this.#waiting -= 1;
    }
  }
}

/** However the keyboard composed it. */
function bytesOf(password: string): Uint8Array {
  return new TextEncoder().encode(password.normalize("NFC"));
}
