import { BerthError, isBerthError } from "@berth/protocol";
import { keyOf } from "../../../core/caller/principal.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import { requestInvalid } from "../../../core/input/check.ts";
import type { Answer, Asked } from "./asked.ts";
import { type Deadlines, Lane } from "./lane.ts";
import { Patience } from "./patience.ts";
import { SchemaLengths } from "./schema-lengths.ts";

const DEADLINES: Deadlines = { schema: 3_000, input: 200 };

/** How long a version of a task whose input took too long is kept out of the way of the others, in ms. */
const ASIDE_MS = 60_000;

/** Characters of inputs and schemas that may wait at once: a few of the longest inputs of one, and of some. */
const MOST_WAITING = { ofOne: 24 * 2 ** 20, inAll: 96 * 2 ** 20 };

/**
 * Checks inputs against the schemas of tasks, in two threads. What is known to be slow, and the schemas of definitions, which may
 * take longer, go to the second: runs of other tasks wait for none of it.
 */
export class InputValidator implements AsyncDisposable {
  readonly #most: typeof MOST_WAITING;
  readonly #aside: Lane;
  readonly #inputs: Lane;
  /** Until when those that were slow are kept aside, by their key. */
  readonly #slowUntil = new Map<string, number>();
  readonly #patience = new Patience();
  readonly #lengths = new SchemaLengths();
  readonly #waitingOf = new Map<string, number>();
  #waitingInAll = 0;

  constructor({ deadlines = DEADLINES, most = MOST_WAITING } = {}) {
    this.#most = most;
    const onFailed = (asked: Asked): void => this.#noteSlow(asked);
    this.#aside = new Lane({ deadlines, onFailed });
    const elsewhere = (asked: Asked): Lane | null => (this.#isSlow(asked) ? this.#aside : null);
    this.#inputs = new Lane({ deadlines, onFailed, elsewhere });
  }

  /** Throws REQUEST_INVALID for what is no schema, SCHEMA_SLOW for what takes too long to be read, TOO_MANY_OPEN. */
  async demandSchema(schema: object, caller: Caller): Promise<void> {
    const answer = await this.#ask({ kind: "schema", schema: JSON.stringify(schema) }, caller);
    if ("problems" in answer) throw requestInvalid(answer.problems);
  }

  /** The text that the job is given, or all that is wrong with it. Throws SCHEMA_SLOW, TOO_MANY_OPEN. */
  async check({
    name,
    version,
    schema,
    text,
    caller,
  }: {
    name: string;
    version: number;
    schema: object;
    text: string;
    caller: Caller;
  }): Promise<Answer> {
    const key = `${name}@${version}`;
    const who = keyOf(caller.principal);
    if (this.#patience.isOver(who, key)) throw givenUp();
    try {
      return await this.#ask({ kind: "input", key, schema, text }, caller);
    } catch (error) {
      if (isBerthError(error) && error.code === "SCHEMA_SLOW") this.#patience.wasSlow(who, key);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#inputs[Symbol.asyncDispose](), this.#aside[Symbol.asyncDispose]()]);
  }

  async #ask(asked: Asked, { principal }: Caller): Promise<Answer> {
    const who = keyOf(principal);
    const length = this.#lengthOf(asked);
    this.#hold(who, length, asked);
    try {
      return await (asked.kind === "schema" ? this.#aside : this.#inputs).ask(asked, who);
    } finally {
      this.#letGo(who, length);
    }
  }

  #lengthOf(asked: Asked): number {
    if (asked.kind === "schema") return asked.schema.length;
    return this.#lengths.of(asked.key, asked.schema) + asked.text.length;
  }

  /** One alone may be longer than that. */
  #hold(who: string, length: number, asked: Asked): void {
    const own = this.#waitingOf.get(who) ?? 0;
    if (own > 0 && own + length > this.#most.ofOne) throw tooManyWait("of yours", asked);
    if (this.#waitingInAll > 0 && this.#waitingInAll + length > this.#most.inAll)
      throw tooManyWait("of all", asked);
    this.#waitingOf.set(who, own + length);
    this.#waitingInAll += length;
  }

  #letGo(who: string, length: number): void {
    const left = (this.#waitingOf.get(who) ?? 0) - length;
    if (left > 0) this.#waitingOf.set(who, left);
    else this.#waitingOf.delete(who);
    this.#waitingInAll -= length;
  }

  #noteSlow(asked: Asked): void {
    if (asked.kind === "schema") return;
    const now = performance.now();
    for (const [key, until] of this.#slowUntil) if (until <= now) this.#slowUntil.delete(key);
    this.#slowUntil.set(asked.key, now + ASIDE_MS);
  }

  #isSlow(asked: Asked): boolean {
    return asked.kind === "input" && (this.#slowUntil.get(asked.key) ?? 0) > performance.now();
  }
}

function givenUp(): BerthError {
  const why =
    "to do so has taken too long three times: nothing of yours is tried against this version any more";
  return new BerthError("SCHEMA_SLOW", `Cannot check the input: ${why}`);
}

function tooManyWait(whose: string, { kind }: Asked): BerthError {
  const why = `as much ${whose} waits for that as may at once`;
  return new BerthError("TOO_MANY_OPEN", `Cannot check the ${kind}: ${why}`, {
    fix: "Try again in a second; send inputs that are long one after the other",
  });
}
