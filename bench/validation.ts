import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { InputValidator } from "../packages/server/src/operations/tasks/validate/validator.ts";
import type { Caller } from "../packages/server/src/core/caller/caller.ts";
import type { Bench } from "./bench.ts";
import type { Row } from "./measure/row.ts";
import { median } from "./measure/statistics.ts";

const PROPERTIES = 100;
const INPUT_BYTES = 10 * 1024;

/** What checking an input adds to a run, with the way to the thread that does it and back, once the schema is known. */
export async function measureValidation({ rounds, scale }: Bench): Promise<Row[]> {
  await using validator = new InputValidator();
  const { schema, text } = sample();
  const check = () => validator.check({ name: "sample", version: 1, schema, text, caller });
  const wrong = await validator.check({
    name: "sample",
    version: 1,
    schema,
    text: text.replace('"p0":"', '"p0":0,"p000":"'),
    caller,
  });
  if (!("problems" in wrong)) throw new Error("The schema holds nothing");
  await using echo = new Echo();
  const timesMs: number[] = [];
  const floorsMs: number[] = [];
  for (let n = 0; n < Math.ceil(2_000 * rounds * scale); n += 1) {
    const began = performance.now();
    const answer = await check();
    timesMs.push(performance.now() - began);
    if ("problems" in answer) throw new Error(`The input is refused: ${JSON.stringify(answer.problems)}`);
    const sent = performance.now();
    await echo.send(text);
    floorsMs.push(performance.now() - sent);
  }
  return [
    {
      what: `an input of ${INPUT_BYTES / 1024} KiB checked against a schema of ${PROPERTIES} properties, after the first`,
      unit: "ms",
      berth: median(timesMs),
      floor: median(floorsMs),
      goal: { kind: "value", atMost: 0.3 },
    },
  ];
}

/** A thread that gives back what it is given: what the way to one and back takes by itself. */
class Echo implements AsyncDisposable {
  readonly #worker = new Worker(
    'const { parentPort } = require("node:worker_threads"); parentPort.on("message", (text) => parentPort.postMessage(text));',
    { eval: true },
  );

  async send(text: string): Promise<void> {
    const back = once(this.#worker, "message");
    this.#worker.postMessage(text);
    await back;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Strings with a pattern, numbers with bounds, lists and choices by turns, all of them required. */
function sample(): { schema: object; text: string } {
  const kinds = [
    { schema: { type: "string", maxLength: 400, pattern: "^[a-z ]*$" }, value: (n: number) => "x".repeat(n) },
    { schema: { type: "integer", minimum: 0, maximum: 1000 }, value: (n: number) => n },
    { schema: { type: "array", items: { type: "string" }, maxItems: 9 }, value: () => ["one", "two"] },
    { schema: { enum: ["small", "large"] }, value: () => "large" },
  ];
  const names = Array.from({ length: PROPERTIES }, (_, n) => `p${n}`);
  const kindOf = (n: number) => kinds[n % kinds.length] ?? { schema: {}, value: () => null };
  const inputOf = (letters: number) =>
    JSON.stringify(Object.fromEntries(names.map((name, n) => [name, kindOf(n).value(letters)])));
  const letters = Math.floor((INPUT_BYTES - inputOf(0).length) / (PROPERTIES / kinds.length));
  const schema = {
    type: "object",
    properties: Object.fromEntries(names.map((name, n) => [name, kindOf(n).schema])),
    required: names,
    additionalProperties: false,
  };
  return { schema, text: inputOf(letters) };
}

const caller: Caller = {
  principal: { name: "somebody", roles: ["user"] },
  groups: [],
  door: "rest",
  credential: { kind: "token", id: "t" },
  address: null,
  requestId: "r",
};
