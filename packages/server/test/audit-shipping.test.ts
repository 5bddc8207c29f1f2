/** BERTH_TEST_SHIPPED: how many records are caught up with after an outage; 100,000 is a day of a busy server. Default 2,000. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { syslogTarget } from "../src/audit/shipping/syslog-target.ts";
import type { Target } from "../src/audit/shipping/target.ts";
import { webhookTarget } from "../src/audit/shipping/webhook-target.ts";
import { webhookKeyOf } from "../src/core/audit/webhook-signature.ts";
import { AuditBench } from "./support/audit-bench.ts";
import { openssl } from "./support/openssl.ts";
import { postgresIsMissing } from "./support/postgres.ts";
import { sampleEntry } from "./support/sample-audit.ts";
import { startProgram } from "./support/start-program.ts";
import { type Manner, SyslogReceiver } from "./support/syslog-receiver.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { until } from "./support/until.ts";
import { WebhookReceiver } from "./support/webhook-receiver.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: shipping of audit records on PostgreSQL, because ${missing}`);

const many = Number(process.env["BERTH_TEST_SHIPPED"] ?? 2000);
const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

function toSyslog({ port }: { port: number }, timeoutMs = 60_000): Target {
  return syslogTarget({ host: "127.0.0.1", port, tls: null, ownHost: "this host", timeoutMs });
}

function toWebhook({ url }: WebhookReceiver, timeoutMs = 60_000): Target {
  const key = webhookKeyOf(secret) ?? new Uint8Array();
  return webhookTarget({ url: new URL(url), key, ca: null, reach: "anywhere", now: Date.now, timeoutMs });
}

const named = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => `s${from + n}`);

describe.each(["sqlite", "postgres"] as const)("shipping of audit records on %s", (kind) => {
  describe.skipIf(kind === "postgres" && missing !== null)("to", () => {
    let bench: AuditBench;
    let last = 0;
    beforeAll(async () => {
      bench = await AuditBench.open(kind);
    });
    afterAll(() => bench[Symbol.asyncDispose]());
    afterEach(() => bench.stop());

    const startWith = async (...targets: Target[]): Promise<void> => {
      await bench.stop();
      bench.targets = targets;
      await bench.start();
    };
    /** In transactions of several records, with names in order. */
    const record = async (count: number): Promise<string[]> => {
      const names = named(last + 1, last + count);
      last += count;
      for (let at = 0; at < count; at += 100)
        await bench.store.audit.append(names.slice(at, at + 100).map((name) => sampleEntry({ name })));
      return names;
    };
    const arrived = (names: () => readonly (string | null)[], wanted: readonly string[]) =>
      until(() => names().includes(wanted.at(-1) ?? ""), { what: `record ${wanted.at(-1)} at the receiver` });
    const ours = (names: readonly (string | null)[]) =>
      names.filter((name) => name?.startsWith("s") === true);
    /** The receiver is sent records before it is noted that it has them. */
    const allNoted = () =>
      until(async () => (await bench.audit.shipping()).every(({ blocks }) => blocks === 0), {
        what: "everything noted as shipped",
      });

    it("syslog sends all that there is, in order, and goes on where it was after a restart", async () => {
      await using receiver = await SyslogReceiver.open();
      await bench.restart();
      const before = await record(3);
      await startWith(toSyslog(receiver));
      await arrived(() => receiver.names, before);
      const after = await record(2);
      await arrived(() => receiver.names, after);
      await allNoted();
      const shown = receiver.records.length;
      await startWith(toSyslog(receiver));
      const later = await record(1);
      await arrived(() => receiver.names, later);
      expect(ours(receiver.names)).toEqual(named(1, last));
      // The chain's own beginning, and nothing twice.
      expect(receiver.records).toHaveLength(shown + 1);
      expect(receiver.messages.at(-1)).toMatch(/^<109>1 2027-.* this_host berth - bindings\.create - \{"id"/);
    });

    it.each(["hang", "cut", "end"] satisfies Manner[])(
      "syslog loses none where the receiver does this: %s",
      async (manner) => {
        await using receiver = await SyslogReceiver.open();
        receiver.manner = manner;
        await startWith(toSyslog(receiver, 1000));
        const names = await record(150);
        await until(() => receiver.connections >= 2, { what: "a second try" });
        const [state] = await bench.audit.shipping();
        expect(state).toMatchObject({ target: "syslog", fault: { why: expect.any(String) as string } });
        expect(state?.blocks).toBeGreaterThan(0);
        receiver.manner = "take";
        await arrived(() => receiver.names, names);
        await allNoted();
        expect(ours(receiver.names)).toEqual(expect.arrayContaining(names));
        expect((await bench.audit.shipping())[0]?.fault).toBeNull();
      },
    );

    it("syslog catches up after a long time in which nobody took anything, a part at a time", async () => {
      const gone = await SyslogReceiver.open();
      const { port } = gone;
      await gone[Symbol.asyncDispose]();
      await startWith(toSyslog({ port }));
      const names = await record(many);
      await until(() => bench.reports.length > 0, { what: "the report that nothing gets there" });
      await using receiver = await SyslogReceiver.open({ port });
      await arrived(() => receiver.names, names);
      expect(ours(receiver.names)).toEqual(names);
      expect(receiver.connections).toBeGreaterThanOrEqual(many / 200);
    });

    it("a webhook signs what it sends, and sends again what was not taken, under the same id", async () => {
      await using receiver = await WebhookReceiver.open(secret);
      await startWith(toWebhook(receiver, 1000));
      for (const manner of [500, 302, "hang", "cut"] as const) {
        receiver.manner = manner;
        const before = receiver.deliveries.length;
        await record(1);
        await until(() => receiver.deliveries.length > before, { what: `a first try, of ${manner}` });
        const names = await record(5);
        const tries = receiver.deliveries.length + 2;
        await until(() => receiver.deliveries.length >= tries, { what: `more tries after ${manner}` });
        // The same, though there is more by now.
        const ids = receiver.deliveries.slice(before).map(({ id }) => id);
        expect(new Set(ids).size).toBe(1);
        receiver.manner = 200;
        await arrived(() => receiver.names, names);
        await allNoted();
      }
      expect(ours(receiver.names)).toEqual(named(1, last));
      expect(receiver.faults).toEqual([]);
      expect(Math.max(...receiver.deliveries.map(({ records }) => records.length))).toBeLessThanOrEqual(200);
    });

    it("each target comes from one server alone, and from another once that is gone", async () => {
      await startWith();
      await bench.tamper(
        "DELETE FROM audit_target",
        "INSERT INTO audit_target (name, holder) VALUES ('syslog', 'other')",
        "INSERT INTO server_lease (id, until) VALUES ('other', 253402300800000)",
      );
      const { shipping } = bench.store;
      const to = { chain: "c", seq: 1, n: 1 };
      expect(await shipping.claim("syslog")).toBe(false);
      expect(await shipping.advance("syslog", to)).toBe(false);
      expect((await shipping.positions("syslog")).has("c")).toBe(false);
      await bench.tamper("UPDATE server_lease SET until = 1 WHERE id = 'other'");
      expect(await shipping.claim("syslog")).toBe(true);
      expect(await shipping.claim("syslog")).toBe(true);
      expect(await shipping.advance("syslog", to)).toBe(true);
      await bench.tamper("UPDATE audit_target SET holder = 'other'");
      await using receiver = await SyslogReceiver.open();
      await startWith(toSyslog(receiver));
      const names = await record(1);
      await arrived(() => receiver.names, names);
    });

    it("a target keeps what it has not taken from being cut, and a cut is verified over", async () => {
      await using receiver = await WebhookReceiver.open(secret);
      await startWith();
      await bench.tamper("DELETE FROM audit_position", "DELETE FROM audit_target");
      receiver.manner = 500;
      await startWith(toWebhook(receiver, 1000));
      const names = await record(3);
      const cut = () => bench.audit.cut(Date.now() + 10 ** 11, (what) => bench.audit.ofServer(what));
      expect(await cut()).toEqual([]);
      receiver.manner = 200;
      await arrived(() => receiver.names, names);
      await allNoted();
      const [gone] = await cut();
      expect(gone?.seq).toBeGreaterThan(0);
      await record(1);
      const { problems, blocks } = await bench.verify();
      expect(problems).toEqual([]);
      const [chain = ""] = await bench.store.audit.chains();
      const ends = await bench.store.audit.ends(chain);
      expect(ends?.first.seq).toBe((gone?.seq ?? 0) + 1);
      expect(blocks).toBe((ends?.last.seq ?? 0) - (gone?.seq ?? 0));
    });
  });
});

describe("a server that ships and is killed", () => {
  const shipper = new URL("support/audit-shipper.ts", import.meta.url);
  it("has shipped every record in the end, whatever it was about", async () => {
    await using bench = await AuditBench.open("sqlite");
    await using receiver = await SyslogReceiver.open();
    const acknowledged: string[] = [];
    const rounds = [
      { step: "audit-sent", times: "0" },
      { step: "audit-noted", times: "1" },
      { step: "audit-sent", times: "2" },
      { step: "none", times: "0" },
    ];
    for (const { step, times } of rounds) {
      await bench.stop();
      const args = [bench.dataDir, bench.databasePath, String(receiver.port), step, times];
      await using program = startProgram(shipper, args);
      let seen = 0;
      for await (const name of program.lines) {
        acknowledged.push(name);
        if ((seen += 1) === 300 && step === "none") void program.kill();
      }
      bench.targets = [];
      await bench.start();
    }
    await bench.stop();
    bench.targets = [toSyslog(receiver)];
    await bench.start();
    await until(async () => (await bench.audit.shipping())[0]?.blocks === 0, { what: "everything shipped" });
    const found = new Set(receiver.names);
    expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
    // In the order of the chain, by where each came first.
    const places = receiver.ids.map((id) => id.split(".").slice(1).map(Number));
    expect(places).toEqual(
      places.toSorted((one, other) => (one[0] ?? 0) - (other[0] ?? 0) || (one[1] ?? 0) - (other[1] ?? 0)),
    );
  });
});

describe("syslog over TLS", () => {
  it("goes to nobody whose certificate is not the host's", async () => {
    await using folder = tempFolder();
    const names = ["-subj", "/CN=x", "-addext", "subjectAltName=DNS:localhost"];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3"];
    const made = await openssl(
      ["req", "-x509", ...key, ...names, "-keyout", "key.pem", "-out", "cert.pem"],
      folder.path,
    );
    expect(made).toMatchObject({ ok: true });
    const text = (file: string): string => readFileSync(join(folder.path, file), "utf8");
    await using receiver = await SyslogReceiver.open({
      tls: { cert: text("cert.pem"), key: text("key.pem") },
    });
    const { port } = receiver;
    const target = (host: string, ca: string | null) =>
      syslogTarget({ host, port, tls: { ca }, ownHost: "h", timeoutMs: 60_000 });
    const records = [{ ...shown, name: "é\n\0" }];
    const { signal } = new AbortController();
    await expect(target("localhost", null).send(records, signal)).rejects.toThrow(/self-signed/);
    await expect(target("127.0.0.1", text("cert.pem")).send(records, signal)).rejects.toThrow(/altnames/);
    expect(receiver.records).toEqual([]);
    await target("localhost", text("cert.pem")).send(records, signal);
    expect(receiver.records).toEqual(records);
  });
});

const shown = {
  id: "c.1.1",
  at: "2027-01-15T08:00:00.000Z",
  account: null,
  door: "rest",
  credential: null,
  address: null,
  requestId: null,
  verb: "create",
  resource: "bindings",
  outcome: "denied",
} as const;
