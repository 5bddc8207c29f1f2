import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeCertificates } from "../../server/test/support/certificates.ts";
import {
  type Berth,
  type ClientOptions,
  connect,
  isBerthError,
  isJobFailed,
  type JobRequest,
} from "../src/index.ts";
import { grpc } from "../src/grpc/grpc.ts";
import { WeakLine } from "./support/weak-line.ts";
import { openWiresBench, type WiresBench } from "./support/wires-bench.ts";

const wires = [{ wire: "REST" }, { wire: "gRPC" }] as const;

/*
 * What a program may rely on, whichever wire it speaks: one table for both, against a whole server. What a server can do
 * wrong is in the tests of the scripted one.
 */

let bench: WiresBench;
beforeAll(async () => {
  bench = await openWiresBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const fake = (...args: string[]): JobRequest => ({ command: "fake", args });

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(pieces)).toString();
}

describe.each(wires)("a client over $wire", ({ wire }) => {
  const port = (): number => bench.ports[wire];
  const open = (at: number, options?: ClientOptions): Berth => bench.open(wire, at, options);
  let berth: Berth;
  beforeAll(() => {
    berth = open(port());
  });

  it("is told that the server takes jobs", async () => {
    expect(await berth.health()).toEqual({ ready: true });
    expect(berth.url).toContain(`localhost:${port()}`);
  });

  it("submits a job and reads its output, its events and its end", async () => {
    const job = await berth.jobs.submit(fake("print=hello", "print-err=oops", "exit=0"));
    const chunks = await Array.fromAsync(job.output());
    expect(chunks.map(({ stream, offset, data }) => [stream, offset, Buffer.from(data).toString()])).toEqual([
      ["stdout", 0, "hello\n"],
      ["stderr", 6, "oops\n"],
    ]);
    expect(chunks.every(({ at }) => Date.parse(at) > 1e12)).toBe(true);
    expect(await job.done()).toMatchObject({
      id: job.id,
      state: "succeeded",
      exitCode: 0,
      cause: { code: "exit" },
    });
    const events = await Array.fromAsync(job.events());
    expect(events.at(-1)).toMatchObject({ jobId: job.id, type: "succeeded" });
    const [first] = events;
    expect(await Array.fromAsync(job.events({ afterSeq: first?.seq }))).toEqual(events.slice(1));
    expect(await Array.fromAsync(job.events({ afterSeq: events.at(-1)?.seq }))).toEqual([]);
  });

  it("reads one stream from one byte, and no more than is there", async () => {
    const job = await berth.jobs.submit(fake("print=hello", "print-err=oops", "print=world", "hang"));
    await expect.poll(async () => (await job.get()).usage.outputBytes).toBe(17);
    expect(await textOf(job.raw({ stream: "stdout", offset: 6, follow: false }))).toBe("world\n");
    expect(await textOf(job.raw({ stream: "stderr", follow: false }))).toBe("oops\n");
    await job.stop({ grace: "1s" });
    expect((await job.done({ mayFail: true })).state).toBe("canceled");
  });

  it("takes files, standard input, limits and names along", async () => {
    const request: JobRequest = {
      ...fake("stdin", "show=a.txt", "show=b.bin", "show=c.bin", "hang"),
      files: { "a.txt": "grüß", "b.bin": Uint8Array.of(0, 255), "c.bin": { base64: "AAE=" } },
      stdin: "x",
      name: "whole",
      labels: { wire: "any" },
      env: { A: "1" },
      timeouts: { run: "1h" },
      resources: { memory: "64Mi", pids: 7 },
    };
    const job = await berth.jobs.submit(request);
    await expect.poll(async () => (await job.get()).state).toBe("running");
    const sent = Buffer.concat([Buffer.from("xgrüß"), Buffer.of(0, 255, 0, 1)]);
    await expect.poll(async () => (await job.get()).usage.outputBytes).toBe(sent.length);
    expect(Buffer.concat(await Array.fromAsync(job.raw({ follow: false })))).toEqual(sent);
    const { deadlineAt, name, labels } = await job.get();
    expect([name, labels]).toEqual(["whole", { wire: "any" }]);
    const extended = await job.extend({ by: "10m" });
    expect(Date.parse(extended.deadlineAt ?? "") - Date.parse(deadlineAt ?? "")).toBe(600_000);
    await job.stop({ grace: "0s" });
  });

  it("gives a job secrets, and reads what it prints of them masked", async () => {
    const admin = bench.open("REST", bench.ports.REST);
    const name = `of-${wire.toLowerCase()}`;
    await admin.secrets.create(name, { values: { password: "correct-horse", user: "berth-user" } });
    const given = await admin.bindings.create({ role: "admin", user: "ann" });
    const uses = [{ name, keys: ["user"], env: { PASS: "password" } }];
    const job = await berth.jobs.submit({ ...fake("secret=user", "print=", "env"), secrets: uses });
    const text = await textOf(job.raw({ stream: "stdout" }));
    expect(text).toContain(`${"*".repeat(10)}\n`);
    expect(text).toContain(`PASS=${"*".repeat(13)}\n`);
    const all = await berth.jobs.submit({ ...fake("secret=password"), secrets: [{ name }] });
    expect(await textOf(all.raw())).toBe("*".repeat(13));
    await admin.bindings.delete(given.id);
  });

  it("submits, waits, and brings the job as it ended or as it is when the wait is over", async () => {
    expect(await berth.jobs.submitAndWait(fake("print=x"), { wait: "20s" })).toMatchObject({
      state: "succeeded",
    });
    const job = await berth.jobs.submitAndWait(fake("hang"), { wait: "50ms" });
    expect(["queued", "preparing", "running"]).toContain(job.state);
    await berth.jobs.handle(job.id).stop({ grace: "0s" });
  });

  it("never takes a job for done that did not succeed", async () => {
    const job = await berth.jobs.submit(fake("exit=3"));
    const failure: unknown = await job.done().catch((error: unknown) => error);
    expect(isJobFailed(failure) && failure).toMatchObject({
      code: "JOB_FAILED",
      exitCode: 3,
      job: { id: job.id },
    });
  });

  it("makes one job of two submits with one key, and refuses another job under it", async () => {
    const idempotencyKey = crypto.randomUUID();
    const one = await berth.jobs.submit(fake("print=1"), { idempotencyKey });
    const again = await berth.jobs.submit(fake("print=1"), { idempotencyKey });
    expect(again.id).toBe(one.id);
    await expect(berth.jobs.submit(fake("print=2"), { idempotencyKey })).rejects.toMatchObject({
      code: "IDEMPOTENCY_CONFLICT",
    });
  });

  it("lists jobs page by page, those that are asked for and no others", async () => {
    const labels = { page: crypto.randomUUID() };
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift((await berth.jobs.submit({ ...fake("exit=0"), labels })).id);
    const listing = berth.jobs.list({ labels, limit: 2 });
    const { items, next } = await listing.page();
    expect([items.length, typeof next]).toEqual([2, "string"]);
    const all = await Array.fromAsync(listing);
    expect(all.map(({ id }) => id)).toEqual(ids);
    const first = all.at(-1);
    const createdBefore = new Date(Date.parse(first?.createdAt ?? "") - 1);
    expect(await Array.fromAsync(berth.jobs.list({ labels, createdBefore }))).toEqual([]);
    expect(await Array.fromAsync(berth.jobs.list({ labels, state: ["queued"], name: "nobody" }))).toEqual([]);
  });

  it("keeps the digits of a result", async () => {
    const digits = '{"id":9007199254740993}';
    const job = await berth.jobs.submit(fake(`print=^JSON\n${digits}\n^JSON`));
    expect((await job.done()).result).toEqual({ id: 9007199254740992 });
    const exact = open(port(), { exactNumber: BigInt });
    expect((await exact.jobs.get(job.id)).result).toEqual({ id: 9007199254740993n });
  });

  it("carries the server's code, wrong fields, remedy and request", async () => {
    const gone = "00000000-0000-7000-8000-000000000000";
    await expect(berth.jobs.get(gone)).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
    await expect(Array.fromAsync(berth.jobs.handle(gone).output())).rejects.toMatchObject({
      code: "JOB_NOT_FOUND",
      requestId: expect.any(String) as string,
    });
    await expect(berth.jobs.submit({ ...fake(), resources: { memory: "lots" } })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      problems: [{ field: "resources.memory", message: expect.stringMatching(/512Mi/) as string }],
    });
    await expect(berth.jobs.handle(gone).stop({ grace: "soon" })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      problems: [{ field: "grace" }],
    });
  });

  it("ends with the reason of the caller's signal, and leaves nothing behind on it", async () => {
    const job = await berth.jobs.submit(fake("hang"));
    for (const ask of [
      (signal: AbortSignal) => Array.fromAsync(job.output({ signal })),
      (signal: AbortSignal) => Array.fromAsync(job.events({ signal })),
      (signal: AbortSignal) => job.done({ signal }),
    ]) {
      const asking = new AbortController();
      const answer = ask(asking.signal);
      setImmediate(() => asking.abort(new Error("enough")));
      await expect(answer).rejects.toThrow("enough");
      await expect(ask(asking.signal)).rejects.toThrow("enough");
    }
    await job.stop({ grace: "0s" });
  });

  it("brings every byte once, in order, over a line that is cut again and again", async () => {
    const lines = Array.from({ length: 300 }, (_, n) => `line ${n} ${"x".repeat(n % 90)}`);
    const job = await berth.jobs.submit(
      fake(...lines.map((line, n) => `print${n % 3 === 0 ? "-err" : ""}=${line}`)),
    );
    await job.done();
    const whole = await textOf(job.raw());
    expect(whole.length).toBe(lines.join("\n").length + 1);
    await using line = await WeakLine.to(port());
    // Past what a handshake brings: each connection gets further, or one more of its kind would never.
    line.cutAfter = () => (line.cuts < 8 ? 6_000 + line.cuts * 1_500 : null);
    const weak = open(line.port);
    expect(await textOf(weak.jobs.handle(job.id).raw())).toBe(whole);
    expect(await textOf(dataOf(weak.jobs.handle(job.id).output()))).toBe(whole);
    expect(line.cuts).toBeGreaterThan(0);
  });

  it("goes on when the server is away for a while, and tells so once each", async () => {
    await using line = await WeakLine.to(port());
    const changes: string[] = [];
    const weak = open(line.port, { onConnection: ({ state }) => changes.push(state) });
    const job = await weak.jobs.submit(fake("print=one", "hang"));
    const output = job.output();
    expect((await output.next()).value?.offset).toBe(0);
    const { comeBack } = await line.goAway();
    const rest = Array.fromAsync(output);
    await expect.poll(() => changes).toEqual(["away"]);
    await comeBack();
    await expect.poll(() => changes).toEqual(["away", "back"]);
    await job.stop({ grace: "0s" });
    expect(await rest).toEqual([]);
    expect(changes).toEqual(["away", "back"]);
  });

  it("names the server and the reason when nobody listens", async () => {
    const line = await WeakLine.to(port());
    const free = line.port;
    await line[Symbol.asyncDispose]();
    const error: unknown = await open(free, { patience: { requestMs: 0 } })
      .jobs.get("x")
      .catch((reason: unknown) => reason);
    expect(isBerthError(error) && [error.code, error.message]).toEqual([
      "SERVER_UNREACHABLE",
      expect.stringMatching(new RegExp(`localhost:${free}": nobody listens there$`)),
    ]);
  });
});

async function* dataOf(chunks: AsyncIterable<{ data: Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const { data } of chunks) yield data;
}

describe("gRPC", () => {
  const over = (): Berth => bench.open("gRPC", bench.ports.gRPC);
  const cases: [string, (berth: Berth) => Promise<unknown>][] = [
    ["delete a job", (berth) => berth.jobs.handle("x").delete()],
    ["list artifacts", (berth) => berth.jobs.handle("x").artifacts()],
    ["read an artifact", (berth) => Array.fromAsync(berth.jobs.handle("x").artifact("a"))],
    ["read a result by itself", (berth) => berth.jobs.handle("x").result()],
    ["list the engines", (berth) => berth.engines.list()],
    ["look at the server itself", (berth) => berth.server.inspect()],
    ["ask who one is", (berth) => berth.access.whoAmI()],
    ["make tokens", (berth) => berth.tokens.create({ user: "ann" })],
    ["give roles", (berth) => berth.bindings.create({ role: "viewer", user: "ann" })],
    ["manage certificates", (berth) => berth.certificates.list()],
    ["put the output into the job", (berth) => berth.jobs.handle("x").get({ includeOutput: true })],
    ["put the output into the job", (berth) => berth.jobs.submitAndWait(fake(), { includeOutput: true })],
    [
      "read the output of one stage",
      (berth) => Array.fromAsync(berth.jobs.handle("x").output({ stage: "unpack" })),
    ],
  ];
  it.each(cases)("refuses to %s, with what to do instead", async (what, ask) => {
    await expect(ask(over())).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
      message: `Cannot ${what} over gRPC: its contract has no call for it`,
      fix: "Ask over REST: with the server's url and a token",
    });
  });

  it("holds up no program that has come to its end", async () => {
    const program = `
      import { readFileSync } from "node:fs";
      import { Berth } from "@berth/sdk";
      import { grpc } from "@berth/sdk/grpc";
      const [ca, certificate, key] = ["ca.crt", "client.crt", "client.key"].map((name) => readFileSync("${bench.certs("ann")}/" + name));
      const berth = new Berth({ transport: grpc({ target: "localhost:${bench.ports.gRPC}", ca, certificate, key }) });
      const job = await berth.jobs.submit({ command: "fake", args: ["print=one", "hang"] });
      for await (const { data } of job.output()) { process.stdout.write(data); break; }
      await job.stop({ grace: "0s" });
      console.log((await job.done({ mayFail: true })).state);`;
    const words = ["--conditions=berth-source", "--input-type=module", "-e", program];
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: import.meta.dirname });
    expect(stdout).toBe("one\ncanceled\n");
  });

  it("tells which certificate is not taken, and which authority is not known", async () => {
    await writeCertificates(bench.certs("elsewhere"), { clients: ["bob"] });
    const of = (name: string): Buffer => readFileSync(join(bench.certs("elsewhere/bob"), name));
    const target = `localhost:${bench.ports.gRPC}`;
    const patience = { requestMs: 0 };
    const stranger = grpc({ target, ca: of("ca.crt"), certificate: of("client.crt"), key: of("client.key") });
    await expect(connect({ transport: stranger, patience })).rejects.toMatchObject({
      message: `Cannot reach "${target}": \`ca\` did not sign the server's certificate`,
      fix: "Give the server's ca.crt as `ca`",
    });
    const ca = readFileSync(join(bench.certs("ann"), "ca.crt"));
    const unknown = grpc({ target, ca, certificate: of("client.crt"), key: of("client.key") });
    await expect(connect({ transport: unknown, patience })).rejects.toMatchObject({
      message: expect.stringMatching(/it does not take `certificate`/) as string,
    });
  });
});
