import { X509Certificate } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPkiBench, type PkiBench } from "../../../test/support/pki-bench.ts";
import { until } from "../../../test/support/until.ts";
import { createRoot } from "../create-root.ts";
import { issueServer } from "../issue.ts";
import { rotateCa } from "../rotate.ts";
import { type OwnCredentialsOptions, openOwnCredentials } from "./own-credentials.ts";
import type { ServerCredentialsSource } from "./server-credentials.ts";

let bench: PkiBench;
beforeEach(async () => {
  bench = await openPkiBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const day = 24 * 3600_000;
const open = (more: Partial<OwnCredentialsOptions> = {}): Promise<ServerCredentialsSource> => {
  const { ca, registry, clock, folder } = bench;
  const report = (what: string): void => void bench.reports.push(what);
  return openOwnCredentials({ ca, registry, clock, folder, report, key: "ec-p256", ...more });
};
const serialOf = ({ current }: ServerCredentialsSource): string =>
  new X509Certificate(current.chain).serialNumber;

describe("the server's own certificate", () => {
  it("is issued at the first start and kept over the next ones", async () => {
    let serial: string;
    {
      await using source = await open();
      serial = serialOf(source);
      expect(source.current.clientCas).toBe(bench.ca.clientCas);
    }
    await using again = await open();
    expect(serialOf(again)).toBe(serial);
    expect((await stat(join(bench.folder, "server.pem"))).mode & 0o777).toBe(0o600);
  });

  it("is replaced after two thirds of its life, without a restart", async () => {
    const idle = bench.clock.pending;
    await using source = await open({ ttlMs: 3 * day });
    const before = serialOf(source);
    let hours = 0;
    for (; serialOf(source) === before && hours < 72; hours += 1) {
      bench.clock.advance(3600_000);
      await until(() => bench.clock.pending > idle, { what: "the end of the look" });
    }
    expect(hours).toBe(48);
    const kept = await readFile(join(bench.folder, "server.pem"), "utf8");
    expect(kept).toBe(`${source.current.key.reveal()}${source.current.chain}`);
  });

  it("is replaced at the start when it is due, lacks a name, is damaged, or has another's or another kind of key or authority", async () => {
    const seen = new Set<string>();
    const start = async (more?: Partial<OwnCredentialsOptions>): Promise<void> => {
      await using source = await open(more);
      seen.add(serialOf(source));
    };
    await start();
    await start({ names: ["jobs.example.org"] });
    await start();
    expect(seen.size).toBe(2);
    const path = join(bench.folder, "server.pem");
    await using other = await openPkiBench();
    const foreign = await issueServer(other, { key: "ec-p256" });
    await writeFile(path, `${foreign.key.reveal()}${foreign.chainPem}`);
    await start();
    expect(seen.size).toBe(3);
    expect(seen).not.toContain(foreign.record.serial.toUpperCase());
    bench.clock.step(61 * day);
    await start();
    expect(seen.size).toBe(4);
    await writeFile(path, "nonsense");
    await start();
    expect(seen.size).toBe(5);
    const { key } = await issueServer(bench, { key: "ec-p256" });
    await writeFile(
      path,
      (await readFile(path, "utf8")).replace(/^.*?END PRIVATE KEY-----\n/s, key.reveal()),
    );
    await start();
    expect(seen.size).toBe(6);
    await start({ key: "rsa-2048" });
    await start({ key: "rsa-2048" });
    expect(seen.size).toBe(7);
  });

  it("is replaced when the authority is, which is trusted at once", async () => {
    await using source = await open();
    const before = serialOf(source);
    const now = bench.clock.now();
    await rotateCa(bench.ca, await createRoot({ now, key: "ec-p256" }), { now });
    expect(source.current.clientCas.match(/BEGIN/g)).toHaveLength(2);
    await until(() => serialOf(source) !== before, { what: "a certificate of the new authority" });
    expect(source.current.chain.match(/BEGIN/g)).toHaveLength(2);
  });

  it("stays in use when it cannot be replaced, and is tried again", async () => {
    let broken = true;
    const registry = {
      ...bench.registry,
      insert: async (record: Parameters<typeof bench.registry.insert>[0]): Promise<void> => {
        if (broken) throw new Error("disk full");
        await bench.registry.insert(record);
      },
    };
    await (await open())[Symbol.asyncDispose]();
    await using source = await open({ registry });
    const before = serialOf(source);
    bench.clock.step(61 * day);
    bench.clock.advance(3600_000);
    await until(() => bench.reports.length > 0, { what: "the report" });
    expect(bench.reports[0]).toBe("Cannot renew the server's certificate");
    expect(serialOf(source)).toBe(before);
    broken = false;
    await until(
      () => {
        bench.clock.advance(1000);
        return serialOf(source) !== before;
      },
      { what: "another certificate" },
    );
  });

  it("is replaced once a minute at most, also in the last minutes of the authority", async () => {
    const { ca, clock, registry } = bench;
    const issued = async (): Promise<number> =>
      (await registry.list({ kind: "server", limit: 1000 })).items.length;
    clock.step(ca.current.certificate.notAfter.getTime() - clock.now() - 150_000);
    const idle = clock.pending;
    await using _source = await open();
    for (let second = 0; second < 120; second += 1) {
      clock.advance(1000);
      await until(() => clock.pending > idle, { what: "the end of the look" });
    }
    expect(await issued()).toBeLessThanOrEqual(3);
  });

  it("leaves no timer behind", async () => {
    const { pending } = bench.clock;
    const source = await open();
    await source[Symbol.asyncDispose]();
    expect(bench.clock.pending).toBe(pending);
  });
});
