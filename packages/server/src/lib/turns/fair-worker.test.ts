import { afterEach, beforeEach, expect, it } from "vitest";
import { FairWorker } from "./fair-worker.ts";

/** Answers with what it was asked, and dies of "die". */
const echo = `import { parentPort } from "node:worker_threads";
parentPort.on("message", ({ number, asked }) => {
  if (asked === "die") process.exit(1);
  parentPort.postMessage({ number, kind: "done", answer: asked });
});`;

let worker: FairWorker<unknown, unknown>;
beforeEach(() => {
  worker = new FairWorker({
    name: "echo",
    threadFile: new URL(`data:text/javascript,${encodeURIComponent(echo)}`),
    operation: "echo",
    closed: () => new Error("closed"),
  });
});
afterEach(() => worker[Symbol.asyncDispose]());

const ask = (asked: unknown, who = "ann") => worker.ask(asked, { who, moved: [] });

it("fails alone what cannot be handed over, and answers all others", async () => {
  const uncloneable = (): void => undefined;
  const asked = [ask("first"), ask(uncloneable), ask("second", "bob")];
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await ask("third")).toBe("third");
});

it("fails alone what the thread dies of, and answers those that waited", async () => {
  const outcomes = await Promise.allSettled([ask("die"), ask("second", "bob"), ask("third")]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
});

it("takes nothing any more when it is closed, and fails what waits", async () => {
  const asked = [ask("first"), ask("second")];
  const outcomes = Promise.allSettled(asked);
  await worker[Symbol.asyncDispose]();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(ask("third")).rejects.toThrow("closed");
});
