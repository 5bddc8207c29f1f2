import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { type ServiceError, status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { createRoot } from "../../src/pki/create-root.ts";
import { rotateCa } from "../../src/pki/rotate.ts";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import { until } from "../support/until.ts";

const key = "ec-p256";
/** Longer than a test may take: what comes before has not waited for it. */
const endless = 10 * 60_000;

/** Which certificate the door shows now. */
async function shown({ port }: ExecutorBench): Promise<string> {
  const socket = connectTls({ port, host: "localhost", ALPNProtocols: ["h2"], rejectUnauthorized: false });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

async function changeCertificates(bench: ExecutorBench): Promise<void> {
  const { ca, clock } = bench.pki;
  const before = await shown(bench);
  const now = clock.now();
  await rotateCa(ca, await createRoot({ now, key }), { now });
  await until(async () => (await shown(bench)) !== before, { what: "the server's new certificate" });
}

interface Followed {
  /** How that ended, and when. */
  ended: () => { error: ServiceError; at: number } | null;
  cancel: () => void;
}

/** Follows a job that runs. */
async function follow(bench: ExecutorBench): Promise<Followed> {
  const client = await bench.client("ann");
  const job = await bench.api.runningJob();
  let end: ReturnType<Followed["ended"]> = null;
  const stream = client.open("watchExecution", { executionId: { value: job.id } });
  stream.on("error", (error: ServiceError) => (end = { error, at: performance.now() }));
  await once(stream, "data");
  stream.on("data", () => undefined);
  return { ended: () => end, cancel: () => stream.cancel() };
}

describe("a change of certificates", () => {
  it("ends what was open after the grace, and nothing that came since", async () => {
    const drainGraceMs = 700;
    await using bench = await openExecutorBench(undefined, { drainGraceMs });
    const old = await follow(bench);
    const began = performance.now();
    await changeCertificates(bench);
    const young = await follow(bench);
    const { error, at } = await until(() => old.ended(), { what: "the end of the old connection" });
    expect(error.code).toBe(status.UNAVAILABLE);
    expect(at - began).toBeGreaterThanOrEqual(drainGraceMs - 5);
    await pause(drainGraceMs);
    expect(young.ended()).toBeNull();
    young.cancel();
  });

  it("ends connections at once that have shown no certificate yet: they began under the old authorities", async () => {
    await using bench = await openExecutorBench(undefined, { drainGraceMs: endless });
    const { port } = bench;
    const waiting = connectTcp({ port, host: "localhost" }).on("error", () => undefined);
    const closed = once(waiting, "close");
    await once(waiting, "connect");
    // The server takes connections in their order: it knows of this one when it has answered a later one.
    await shown(bench);
    await changeCertificates(bench);
    await expect(closed).resolves.toBeDefined();
  });

  it("leaves the server able to close at once", async () => {
    await using bench = await openExecutorBench(undefined, { drainGraceMs: endless });
    const old = await follow(bench);
    await changeCertificates(bench);
    const young = await follow(bench);
    await expect(bench.close()).resolves.toBeUndefined();
    await until(() => old.ended() !== null && young.ended() !== null, { what: "both ends" });
  });
});
