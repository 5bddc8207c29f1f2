import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { NativePlace, type PlaceJob } from "./native-place.ts";
import { endOf, readIndex } from "./read-index.ts";
import { SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const missing = whyNoSandbox();
if (missing !== null) console.log(`SKIPPED: output by way of pid 1, because ${missing}`);
const host = missing === null ? await SandboxHost.open() : null;
afterAll(() => host?.[Symbol.asyncDispose]());

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

const sum = ([stdout, stderr]: [number, number]): number => stdout + stderr;
const sh = (script: string): PlaceJob => ({ argv: ["/bin/sh", "-c", script] });
const perl = (script: string): PlaceJob => ({ argv: ["/usr/bin/perl", "-e", script] });
const [COMPLETE, OUT_OVER, ERR_OVER] = [2, 4, 8];
/** Past the first whole pipe, past one splice. */
const sizes = [1, 4095, 10_000, 70_000, 1_500_000];

describe.skipIf(host === null)("the output of a job", () => {
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

  it.each(sizes.flatMap((limit) => [-1, 0, 1, 300_000].map((more) => ({ limit, more }))))(
    "is kept to the byte up to its limit, and the rest counted: $limit, $more more",
    async ({ limit, more }) => {
      const job = sh(`head -c ${limit + more} /dev/zero; head -c ${limit} /dev/zero >&2`);
      const place = await given({ ...job, limit });
      const { init, shim } = await place.ended();
      const dropped = Math.max(more, 0);
      const flags = COMPLETE + (more > 0 ? OUT_OVER : 0);
      expect(init).toMatchObject({ kind: "exited", code: 0, dropped: [dropped, 0], flags });
      expect(shim).toMatchObject({ stored: [limit + more - dropped, limit], dropped: [0, 0] });
      expect([place.read("out").length, place.read("err").length]).toEqual(shim.stored);
      expect(endOf(place.read("index"))).toEqual(shim.stored);
    },
  );

  it.each(sizes)("ends its job where that goes over its limit, and not before: %i bytes", async (limit) => {
    const at = await given({ ...sh(`head -c ${limit} /dev/zero >&2; exit 3`), limit, mode: "stop" });
    expect((await at.ended()).init).toMatchObject({
      kind: "exited",
      code: 3,
      flags: COMPLETE,
      dropped: [0, 0],
    });
    const over = await given({
      ...sh("trap '' TERM; while :; do head -c 5000 /dev/zero >&2; done"),
      limit,
      mode: "stop",
    });
    await over.hears("s");
    // Nobody is needed for it.
    over.letGo();
    const { init, shim } = await over.ended();
    expect(init).toMatchObject({ kind: "signaled", code: 9, flags: COMPLETE + ERR_OVER });
    expect([shim.stored, over.read("err").length]).toEqual([[0, limit], limit]);
    expect(init.dropped[1]).toBeGreaterThan(0);
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

  it("comes in the order in which it was written, with the times of the writing", async () => {
    const before = Date.now();
    const wait = "select undef, undef, undef, 0.002 until -e qq(/work/seen.$n)";
    const place = await given(
      perl(
        `$| = 1; STDERR->autoflush(1); while ($n < 12) { print {$n % 2 ? STDERR : STDOUT} 'x'; $n++; ${wait} }`,
      ),
    );
    await place.hears("s");
    for (let n = 1; n <= 12; n += 1) {
      await until(() => sum(endOf(place.read("index"))) === n, { what: `byte ${n} in the index` });
      writeFileSync(join(open().work, `seen.${n}`), "");
    }
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

  it("has no gap where the disk was full for a while and pid 1 is killed then", async () => {
    const outputFolder = open().small;
    const seen = (name: string): string => open().spawnerPath(join(outputFolder, name));
    for (const left of [seen("out"), join(open().work, "room"), join(open().work, "written")])
      rmSync(left, { force: true });
    writeFileSync(seen("filler"), Buffer.alloc(60_000));
    const script =
      "head -c 200000 /dev/zero; until [ -e /work/room ]; do sleep 0.01; done; echo late; : >/work/written; sleep 1000";
    const place = await given({ ...sh(script), outputFolder, limit: 1_000_000 });
    const DROPPED_AT = 48;
    const dropped = (): number => Number(place.read("exit").readBigUInt64LE(DROPPED_AT));
    const isAllTaken = (): boolean =>
      dropped() > 0 && dropped() + readFileSync(seen("out")).length === 200_000;
    await until(isAllTaken, {
      what: "every byte of head stored or dropped",
    });
    const { length } = readFileSync(seen("out"));
    rmSync(seen("filler"));
    process.kill(place.pid, "SIGSTOP");
    writeFileSync(join(open().work, "room"), "");
    await until(() => existsSync(join(open().work, "written")), { what: "the late line" });
    process.kill(place.pid, "SIGKILL");
    const { init, shim } = await place.ended();
    expect([shim.stored[0], readFileSync(seen("out")).length]).toEqual([length, length]);
    expect([init.dropped[0] + shim.dropped[0], shim.dropped[0]]).toEqual([200_005 - length, 5]);
    rmSync(seen("out"));
  });

  it("is all there when the job has closed it, and when others hold it open", async () => {
    const place = await given(sh("echo one; (sleep 0.1; echo two) & exec >&-; wait; echo lost"));
    const { init } = await place.ended();
    expect([place.read("out").toString(), init.kind]).toEqual(["one\ntwo\n", "exited"]);
  });
});
