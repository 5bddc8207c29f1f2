import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { detailsOf, failure } from "../support/call-failure.ts";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import type { ExecutorClient } from "../support/executor-client.ts";

let bench: ExecutorBench;
let ann: ExecutorClient;
beforeEach(async () => {
  bench = await openExecutorBench();
  ann = await bench.client("ann");
});
afterEach(() => bench[Symbol.asyncDispose]());

describe("listing", () => {
  it("shows one's own only, newest first, with the call of the original design and with pages", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift((await bench.api.jobOf("queued", { name: `n${n}` })).id);
    await bench.api.jobOf("queued", { owner: "bob" });
    const all = await ann.call("listAllExecutions", {});
    expect(all.executions.map(({ executionId }) => executionId?.value)).toEqual(ids);
    expect(all.next).toBe("");
    const first = await ann.call("listExecutions", { limit: 3 });
    const rest = await ann.call("listExecutions", { limit: 3, cursor: first.next });
    expect([...first.executions, ...rest.executions].map(({ name }) => name)).toEqual([
      "n4",
      "n3",
      "n2",
      "n1",
      "n0",
    ]);
    expect(rest.next).toBe("");
    const named = await ann.call("listExecutions", { name: "n3", states: ["queued", "running"] });
    expect(named.executions).toHaveLength(1);
  });

  it("is cut where one message may grow no larger, and goes on from there", async () => {
    const args = ["x".repeat(100_000)];
    for (let n = 0; n < 50; n += 1) {
      await bench.api.jobOf("queued", { name: `n${n}`, spec: { command: "x", args } });
    }
    const all = await ann.call("listAllExecutions", {});
    expect(all.executions.length).toBeGreaterThan(20);
    expect(all.executions.length).toBeLessThan(40);
    const names = all.executions.map(({ name }) => name);
    for (let { next } = all; next !== ""; ) {
      const page = await ann.call("listExecutions", { cursor: next, limit: 200 });
      names.push(...page.executions.map(({ name }) => name));
      next = page.next;
    }
    expect(names).toEqual(Array.from({ length: 50 }, (_, n) => `n${49 - n}`));
  });

  it("refuses what it cannot read, by the names of the wire", async () => {
    const error = await failure(
      ann.call("listExecutions", { states: ["gone"], limit: 0, createdAfter: { seconds: 10n ** 15n } }),
    );
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(detailsOf(error).fields.toSorted()).toEqual(["createdAfter", "limit", "states[0]"]);
  });
});
