import { once } from "node:events";
import { type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRoot } from "../../src/pki/create-root.ts";
import { rotateCa } from "../../src/pki/rotate.ts";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import { executorClient } from "../support/executor-client.ts";
import { until } from "../support/until.ts";

let bench: ExecutorBench;
beforeEach(async () => {
  bench = await openExecutorBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const of = (value: string) => ({ executionId: { value } });
/** Revoking ends what is open within this; it takes milliseconds. */
const soonMs = 2000;

async function openEverything(name: string) {
  const client = await bench.client(name);
  const job = await bench.api.runningJob();
  await bench.api.context.store.jobs.update(job.id, { deadlineAt: Date.now() + 60_000 });
  const ends = [
    once(
      client.open("getOutStream", of(job.id)).on("data", () => undefined),
      "error",
    ),
    once(
      client.open("watchExecution", of(job.id)).on("data", () => undefined),
      "error",
    ),
    client.call("stopExecution", of(job.id)).catch((error: unknown) => [error]),
  ].map(async (end) => ((await end) as [ServiceError])[0]);
  await until(() => bench.revocations.held === 3, { what: "the three calls" });
  return { client, job, ends: Promise.all(ends) };
}

describe("a certificate that is refused while its calls run", () => {
  it.each([
    ["revoked", (serial: string) => bench.revocations.revoke(serial), "it was revoked"],
    ["of a locked principal", async () => bench.api.context.locks.set("ann", true), '"ann" is locked'],
  ])(
    "%s ends its open streams and calls within two seconds, and every later call",
    async (_how, refuse, why) => {
      const { client, ends } = await openEverything("ann");
      await refuse(client.pair.record.serial);
      const late = new Promise((_resolve, reject) => setTimeout(reject, soonMs, new Error("Too late")));
      const errors = (await Promise.race([ends, late])) as ServiceError[];
      for (const error of errors) {
        expect(error.code).toBe(status.UNAUTHENTICATED);
        expect(error.details).toContain(why);
      }
      await expect(client.call("listAllExecutions", {})).rejects.toMatchObject({
        code: status.UNAUTHENTICATED,
        details: `Cannot accept the certificate of "ann": ${why}`,
      });
      expect(bench.revocations.held).toBe(0);
    },
  );

  it("says nothing to others", async () => {
    const bob = await bench.client("bob");
    const { client, ends } = await openEverything("ann");
    await bench.revocations.revoke(client.pair.record.serial);
    await ends;
    expect((await bob.call("listAllExecutions", {})).executions).toEqual([]);
  });
});

describe("two certificates of one name", () => {
  it("are one principal", async () => {
    const [first, second] = [await bench.client("ann"), await bench.client("ann")];
    const { executionId } = await first.call("executeCommand", { command: "true" });
    const id = executionId?.value ?? "";
    expect((await second.call("getExecution", of(id))).owner).toBe("ann");
    await bench.revocations.revoke(first.pair.record.serial);
    expect((await second.call("getExecution", of(id))).owner).toBe("ann");
  });
});

describe("a server that shuts down", () => {
  it("ends what is open as UNAVAILABLE, and takes no more", async () => {
    const { client, ends } = await openEverything("ann");
    await bench.close();
    for (const { code } of await ends) expect(code).toBe(status.UNAVAILABLE);
    await expect(client.call("listAllExecutions", {}, { deadlineMs: 2000 })).rejects.toBeDefined();
  });
});

describe("a rotated authority", () => {
  it("lets in certificates of both until the overlap is over, then of the new one only", async () => {
    const { pki } = bench;
    const before = await bench.client("ann");
    const now = pki.clock.now();
    const overlapMs = 3600_000;
    await rotateCa(pki.ca, await createRoot({ now, key: "ec-p256" }), { now, overlapMs });
    const after = await bench.client("ann");
    for (const client of [before, after]) {
      expect((await client.call("listAllExecutions", {})).executions).toEqual([]);
    }
    pki.clock.advance(overlapMs + 1000);
    await until(() => pki.ca.trusted.length === 1, { what: "the end of the overlap" });
    using again = executorClient(bench.port, { roots: pki.ca.roots, pair: before.pair });
    await expect(again.call("listAllExecutions", {}, { deadlineMs: 2000 })).rejects.toBeDefined();
    expect((await after.call("listAllExecutions", {})).executions).toEqual([]);
  });
});
