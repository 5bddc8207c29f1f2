import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRoot } from "../../src/pki/create-root.ts";
import { rotateCa } from "../../src/pki/rotate.ts";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import { until } from "../support/until.ts";

const drainGraceMs = 700;
const key = "ec-p256";

let bench: ExecutorBench;
beforeEach(async () => {
  bench = await openExecutorBench(undefined, { drainGraceMs });
});
afterEach(() => bench[Symbol.asyncDispose]());

async function changeCertificates(): Promise<void> {
  const { ca, clock, registry } = bench.pki;
  const issued = async (): Promise<number> => (await registry.list({ kind: "server" })).items.length;
  const before = await issued();
  const now = clock.now();
  await rotateCa(ca, await createRoot({ now, key }), { now });
  await until(async () => (await issued()) > before, { what: "the server's new certificate" });
  // From the register it goes to the file, and then to the door.
  await pause(100);
}

/** Follows a job that runs; says how that ended. */
async function follow(): Promise<{ ended: () => ServiceError | null; cancel: () => void }> {
  const client = await bench.client("ann");
  const job = await bench.api.runningJob();
  let error: ServiceError | null = null;
  const stream = client.open("watchExecution", { executionId: { value: job.id } });
  stream.on("error", (caught: ServiceError) => (error = caught));
  await once(stream, "data");
  stream.on("data", () => undefined);
  return { ended: () => error, cancel: () => stream.cancel() };
}

describe("a change of certificates", () => {
  it("ends what was open after the grace, and nothing that came since", async () => {
    const old = await follow();
    await changeCertificates();
    const young = await follow();
    expect(old.ended()).toBeNull();
    await until(() => old.ended() !== null, { what: "the end of the old connection" });
    expect(old.ended()?.code).toBe(status.UNAVAILABLE);
    await pause(drainGraceMs);
    expect(young.ended()).toBeNull();
    young.cancel();
  });

  it("ends connections at once that have shown no certificate yet: they began under the old authorities", async () => {
    const { port } = bench;
    const waiting = connectTcp({ port, host: "localhost" }).on("error", () => undefined);
    const closed = once(waiting, "close");
    await once(waiting, "connect");
    await pause(100);
    const started = performance.now();
    await changeCertificates();
    await closed;
    expect(performance.now() - started).toBeLessThan(drainGraceMs);
  });

  it("leaves the server able to close at once", async () => {
    const old = await follow();
    await changeCertificates();
    const young = await follow();
    const started = performance.now();
    await bench.close();
    expect(performance.now() - started).toBeLessThan(2000);
    await until(() => old.ended() !== null && young.ended() !== null, { what: "both ends" });
  });
});
