import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { EngineError, type Launch } from "../../../src/engines/engine.ts";
import { patienceMs, type EngineBench } from "../../support/engine-bench.ts";

const PORT = 8000;

type Connect = (job: Pick<Launch, "handle">, port?: number) => ReturnType<EngineBench["engine"]["connect"]>;

/**
 * A server's own way to a port of a job, which is no network: a job has it that has none. What an engine declares decides
 * what it has to hold.
 */
export function describeConnecting(bench: EngineBench): void {
  const { engine } = bench;
  const connect: Connect = ({ handle }, port = PORT) =>
    engine.connect(handle, port, AbortSignal.timeout(patienceMs));
  const rows = engine.capabilities.connect ? whereItConnects : whereItConnectsNothing;
  describe("a connection to a port of a job", () => {
    rows(bench, connect);
  });
}

function whereItConnectsNothing(bench: EngineBench, connect: Connect): void {
  const { engine, subject } = bench;
  it("is refused by an engine that says it has none", async () => {
    const { handle } = await bench.start(subject.commands.sleep(50));
    await expect(connect({ handle })).rejects.toBeInstanceOf(EngineError);
    await engine.wait(handle, AbortSignal.timeout(patienceMs));
    await engine.destroy(handle);
  });
}

function whereItConnects(bench: EngineBench, connect: Connect): void {
  const { engine, subject } = bench;
  it("passes on all that comes, both ways, several at once, and ends with the job", async () => {
    const job = await bench.startReady(subject.commands.echo(PORT));
    const exchange = async (size: number): Promise<void> => {
      const [socket, sent] = [await connect(job), randomBytes(size)];
      const back = buffer(socket);
      socket.end(sent);
      expect(Buffer.compare(await back, sent)).toBe(0);
    };
    await Promise.all([0, 1, 3_000_000].map(exchange));
    const held = await connect(job);
    const isClosed = once(held.resume(), "end");
    await engine.stop(job.handle, { graceMs: 0 });
    await isClosed;
    held.destroy();
    await engine.destroy(job.handle);
    expect(await bench.leftovers(job.id)).toEqual([]);
  });

  it("is refused where nothing listens, and where the job has ended", async () => {
    const job = await bench.startReady(subject.commands.echo(PORT));
    await expect(connect(job, PORT + 1)).rejects.toThrow(/nothing listens there/);
    (await connect(job)).destroy();
    await engine.stop(job.handle, { graceMs: 0 });
    await expect(connect(job)).rejects.toBeInstanceOf(EngineError);
    await engine.destroy(job.handle);
    await expect(connect(job)).rejects.toBeInstanceOf(EngineError);
  });
}
