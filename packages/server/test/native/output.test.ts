import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { NativePlace, type PlaceJob } from "./native-place.ts";
import { endOf, readIndex } from "./read-index.ts";
import { SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const missing = whyNoSandbox();
if (missing !== null) console.log(`SKIPPED: output by way of pid 1, because ${missing}`);
const host = missing === null ? await SandboxHost.open() : null;
afterAll(() => host?.[Symbol.asyncDispose](), 60_000);

function open(): SandboxHost {
  if (!host) throw new Error("skipped");
  return host;
}

async function given(job: PlaceJob): Promise<NativePlace> {
  const place = new NativePlace(open());
  place.send("warm\n");
  await place.hears("r");
  place.give(job);
  return place;
}

const sh = (script: string): PlaceJob => ({ argv: ["/bin/sh", "-c", script] });
const perl = (script: string): PlaceJob => ({ argv: ["/usr/bin/perl", "-e", script] });
const [OUT_OVER, ERR_OVER, SHIM_STOPPED] = [4, 8, 2];
/** Past the first whole pipe, past one splice. */
const sizes = [1, 4095, 10_000, 70_000, 1_500_000];

describe.skipIf(host === null)("the output of a job", { timeout: 60_000 }, () => {
  it.each([
    ["> /dev/stdout", "one\ntwo\n"],
    ["> /proc/self/fd/1", "one\ntwo\n"],
    ["| tee /dev/stdout", "one\ntwo\ntwo\n"],
    [">> /dev/stdout", "one\ntwo\n"],
  ])("opened again as a file is the same pipe: echo two %s", async (how, said) => {
    const place = await given(sh(`echo one; echo two ${how}`));
    await place.ended();
    expect(place.read("out").toString()).toBe(said);
  });

  it("cannot be taken back: not truncated, sought, allocated, leased or mapped", async () => {
    const script = `$| = 1; print "one\\n"; truncate STDOUT, 0; seek STDOUT, 0, 0; open F, ">", "/dev/stdout"; truncate F, 0;
      syscall 285, 1, 0, 0, 9; syscall 72, 1, 1024, 1; syscall 9, 0, 4096, 3, 1, 1, 0; chmod 0, "/dev/stdout"; flock STDOUT, 2;
      print "two\\n"`;
    const place = await given(perl(script));
    expect((await place.ended()).init).toMatchObject({ kind: "exited", code: 0 });
    expect(place.read("out").toString()).toBe("one\ntwo\n");
  });

  it.each(sizes)("is kept to the byte where it has no limit: %i bytes", async (size) => {
    const place = await given(sh(`head -c ${size} /dev/zero; head -c ${size + 1} /dev/zero >&2`));
    const { init, shim } = await place.ended();
    expect([init.flags, shim.stored]).toEqual([2, [size, size + 1]]);
    expect([place.read("out").length, place.read("err").length]).toEqual([size, size + 1]);
    expect(endOf(place.read("index"))).toEqual([size, size + 1]);
  });

  it.each(
    (["stop", "discard"] as const).flatMap((mode) =>
      sizes.flatMap((limit) => [-1, 0, 1, 300_000].map((more) => ({ mode, limit, more }))),
    ),
  )("is kept to the byte up to its limit: $mode at $limit, $more more", async ({ mode, limit, more }) => {
    const size = limit + more;
    const place = await given({
      ...sh(`head -c ${size} /dev/zero; head -c ${limit} /dev/zero >&2`),
      limit,
      mode,
    });
    const { init, shim } = await place.ended();
    const dropped = Math.max(more, 0);
    expect(init).toMatchObject({
      kind: "exited",
      code: 0,
      dropped: [dropped, 0],
      flags: 2 + (more > 0 ? OUT_OVER : 0),
    });
    expect(shim).toMatchObject({ stored: [size - dropped, limit], dropped: [0, 0] });
    expect([place.read("out").length, place.read("err").length]).toEqual([size - dropped, limit]);
    expect(place.heard.includes("o")).toBe(mode === "stop" && more > 0);
  });

  it("is kept to the byte up to its limit where the job writes in packets", async () => {
    const place = await given({
      ...perl("fcntl STDOUT, 4, 040001; syswrite STDOUT, 'x' x 3000 for 1..9"),
      limit: 10_000,
    });
    const { init, shim } = await place.ended();
    expect([init.dropped, shim.stored]).toEqual([
      [17_000, 0],
      [10_000, 0],
    ]);
  });

  it("over its limit is told once, and the job goes on until the server ends it", async () => {
    const place = await given({ ...sh("yes >&2"), limit: 5000, mode: "stop" });
    expect(await place.hears("o")).toBe(true);
    place.send("term\n");
    const { init, shim } = await place.ended();
    expect(init).toMatchObject({ kind: "signaled", code: 15, flags: 2 + ERR_OVER });
    expect([shim.stored, shim.flags, place.heard]).toEqual([[0, 5000], 0, "wrso"]);
    expect(init.dropped[1]).toBeGreaterThan(0);
  });

  it.each([
    ["by TERM", "yes", { kind: "signaled", code: 15 }],
    ["by KILL, where it does not heed TERM", "trap '' TERM PIPE; while :; do echo y; done", { kind: "none" }],
  ])("over its limit ends the job %s, where no server is", async (_how, script, end) => {
    const place = await given({ ...sh(script), limit: 5000, mode: "stop", graceMs: 50 });
    await place.hears("s");
    const last = place.watch();
    place.abandon();
    const { init, shim } = await last;
    expect(init).toMatchObject(end);
    expect([shim.stored, shim.flags & SHIM_STOPPED]).toEqual([[5000, 0], SHIM_STOPPED]);
  });

  it("comes in the order in which it was written, with the times of the writing", async () => {
    const before = Date.now();
    const place = await given(
      perl(
        "$| = 1; for (1..6) { print 'o'; select undef, undef, undef, 0.05; print STDERR 'e'; select undef, undef, undef, 0.05 }",
      ),
    );
    await place.ended();
    const records = readIndex(place.read("index"));
    const order = records.flatMap(({ first, start, end }) => {
      const grown = { stdout: end.stdout - start.stdout, stderr: end.stderr - start.stderr };
      const second = first === "stdout" ? "stderr" : "stdout";
      return [first.repeat(grown[first]), second.repeat(grown[second])];
    });
    expect(order.join("")).toBe("stdoutstderr".repeat(6));
    const times = records.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((at) => at >= before - 1 && at <= Date.now() + 1)).toBe(true);
  });

  it("has an index that stays small however many lines there are", async () => {
    const place = await given(perl("syswrite STDOUT, 'x' x 19 . qq(\\n) for 1..100000"));
    const before = performance.now();
    expect((await place.ended()).shim.stored).toEqual([2_000_000, 0]);
    const most = 2 + (performance.now() - before) / 100;
    expect(readIndex(place.read("index")).length).toBeLessThanOrEqual(Math.ceil(most) + 1);
  });

  it("on a full disk keeps what came first, counts the rest, and tells the job's own end", async () => {
    const outputFolder = open().small;
    const place = await given({ ...sh("head -c 1000000 /dev/zero; exit 7"), outputFolder });
    const { init, shim } = await place.ended();
    const ENOSPC = 28;
    expect(init).toMatchObject({ kind: "exited", code: 7, outputErrno: ENOSPC });
    const stored = readFileSync(open().spawnerPath(join(outputFolder, "out"))).length;
    expect(stored).toBeGreaterThan(0);
    expect([shim.stored[0], init.dropped[0] + shim.dropped[0]]).toEqual([stored, 1_000_000 - stored]);
  });

  it("is all there when the job has closed it, and when others hold it open", async () => {
    const place = await given(sh("echo one; (sleep 0.1; echo two) & exec >&-; wait; echo lost"));
    const { init } = await place.ended();
    expect([place.read("out").toString(), init.kind]).toEqual(["one\ntwo\n", "exited"]);
  });
});
