import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExitRecord } from "./exit-record.ts";
import { NativePlace, type PlaceJob } from "./native-place.ts";
import { SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const missing = whyNoSandbox();
if (missing !== null) console.log(`SKIPPED: the ends that pid 1 tells, because ${missing}`);
const host = missing === null ? await SandboxHost.open() : null;
afterAll(() => host?.[Symbol.asyncDispose]());

interface Ran extends ExitRecord {
  out: string;
}

async function run(job: PlaceJob): Promise<Ran> {
  if (!host) throw new Error("skipped");
  const place = new NativePlace(host);
  place.send("warm\n");
  await place.hears("r");
  place.give(job);
  const exit = await place.ended();
  return { ...exit, out: exit.init.hasJob ? place.read("out").toString() : "" };
}

const perl = (script: string): PlaceJob => ({ argv: ["/usr/bin/perl", "-e", script] });
const [COMPLETE, CORE] = [2, 1];
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);
/** Those that end nobody by themselves: CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG, WINCH. */
const harmless = new Set([17, 18, 19, 20, 21, 22, 23, 28]);

/** Several at a time. */
async function each<Item, Result>(
  items: readonly Item[],
  one: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let n = 0; n < items.length; n += 8)
    results.push(...(await Promise.all(items.slice(n, n + 8).map(one))));
  return results;
}

describe.skipIf(host === null)("the end of a job", () => {
  it("is told by its exit code, whichever it is", async () => {
    const codes = range(0, 255);
    const told = await each(codes, async (code) => {
      const { init, shim } = await run({ argv: ["/bin/sh", "-c", `exit ${code}`] });
      return [init.kind, init.code, init.flags, shim.status];
    });
    expect(told).toEqual(codes.map((code) => ["exited", code, COMPLETE, code << 8]));
  });

  it("is told by the signal that ended it, whichever it is", async () => {
    const signals = range(1, 64).filter((signal) => !harmless.has(signal));
    const told = await each(signals, async (signal) => {
      const { init } = await run(perl(`$SIG{FPE} = 'DEFAULT'; kill ${signal}, $$; sleep 9`));
      return [init.kind, init.code, init.flags];
    });
    expect(told).toEqual(signals.map((signal) => ["signaled", signal, COMPLETE]));
  });

  it("says whether a core was dumped", async () => {
    const limits = [{ resource: 4, soft: 2 ** 20, hard: 2 ** 20 }];
    const { init } = await run({ ...perl("kill 6, $$"), cwd: "/tmp", limits });
    // Where the host hands cores to a program of its own, that one decides.
    const isFile = !readFileSync("/proc/sys/kernel/core_pattern", "latin1").startsWith("|");
    expect([init.kind, init.code, init.flags & CORE]).toEqual([
      "signaled",
      6,
      isFile ? CORE : init.flags & CORE,
    ]);
  });

  it("comes with its main process, and takes all others with it", async () => {
    const before = performance.now();
    const { init, out } = await run({
      argv: [
        "/bin/sh",
        "-c",
        "sleep 1000 & (trap '' TERM HUP; exec sleep 1000) & yes & setsid sleep 1000 & exit 4",
      ],
    });
    expect([init.kind, init.code, init.flags]).toEqual(["exited", 4, COMPLETE]);
    expect(out).toMatch(/^(y\n)*y?$/);
    expect(performance.now() - before).toBeLessThan(60_000);
  });

  it("leaves no zombie behind meanwhile", async () => {
    const script = `for (1..50) { if (!fork) { fork and exit; select undef, undef, undef, 0.02; exit } } wait for 1..50;
      for (1..400) { @z = grep { open F, $_ and <F> =~ /\\) Z / } glob '/proc/[0-9]*/stat'; last if !@z and 2 == (() = glob '/proc/[0-9]*'); select undef, undef, undef, 0.01 }
      print scalar(@z), ' ', scalar(() = glob '/proc/[0-9]*')`;
    expect((await run(perl(script))).out).toBe("0 2");
  });

  it("stays what it was when the job sends all signals to pid 1", async () => {
    const { init, out } = await run(perl("kill $_, 1 for 1..64; print 'on'; exit 5"));
    expect([init.kind, init.code, out]).toEqual(["exited", 5, "on"]);
  });

  it("is that of the whole sandbox when pid 1 is killed from outside", async () => {
    if (!host) throw new Error("skipped");
    const place = new NativePlace(host);
    place.send("warm\n");
    await place.hears("r");
    place.give({ argv: ["/bin/sh", "-c", "echo said; sleep 1000"] });
    await place.shows("said");
    process.kill(place.pid, "SIGKILL");
    const { init, shim } = await place.ended();
    expect([init.hasJob, init.kind, shim.isWritten, shim.kind, shim.status]).toEqual([
      true,
      "none",
      true,
      1,
      9,
    ]);
    expect(place.read("out").toString()).toBe("said\n");
    expect(shim.stored).toEqual([5, 0]);
  });
});

describe.skipIf(host === null)("a command that cannot be executed", () => {
  const [program, interpreter, format, tooLong, folder, process_] = [1, 2, 3, 4, 5, 6];
  const [EPERM, ENOENT, E2BIG, ENOEXEC, EACCES, ENOTDIR, ELOOP] = [1, 2, 7, 8, 13, 20, 40];
  const elf = Buffer.alloc(64);
  elf.write("\x7fELF\x02\x01\x01", "latin1");
  elf.writeUInt16LE(2, 16);
  // Of a processor that no host of ours is.
  elf.writeUInt16LE(22, 18);

  beforeAll(() => {
    const put = (name: string, content: string | Buffer, mode = 0o755): void =>
      writeFileSync(host?.programPath(name) ?? "", content, { mode });
    put("plain", "", 0o644);
    put("no-interpreter", "#!/none/sh\n");
    put("closed-interpreter", "#!/programs/plain\n");
    put("loop", "#!/programs/loop\n");
    put("long", `#!/${"x".repeat(300)}\n`);
    put("foreign", elf);
    put("script", "echo by the shell $0 $1\n");
    put("odd", Buffer.from("\x7fELF\necho plain $1\n", "latin1"));
    const real = readFileSync("/usr/bin/true");
    const at = real.indexOf("ld-linux");
    real.write("xx-linux", at);
    put("no-loader", real);
    symlinkSync("ring", host?.programPath("ring") ?? "");
  });

  it.each([
    ["that is missing", { argv: ["/none"] }, program, ENOENT],
    ["below what is no folder", { argv: ["/usr/bin/true/x"] }, program, ENOTDIR],
    ["that is not executable", { argv: ["/programs/plain"] }, program, EACCES],
    ["that is a folder", { argv: ["/usr"] }, program, EACCES],
    ["that is a ring of links", { argv: ["/programs/ring"] }, program, ELOOP],
    ["whose interpreter is missing", { argv: ["/programs/no-interpreter"] }, interpreter, ENOENT],
    ["whose interpreter is not executable", { argv: ["/programs/closed-interpreter"] }, interpreter, EACCES],
    ["that is its own interpreter", { argv: ["/programs/loop"] }, interpreter, ELOOP],
    ["whose first line is too long", { argv: ["/programs/long"] }, interpreter, ENOEXEC],
    ["whose loader is missing", { argv: ["/programs/no-loader"] }, interpreter, ENOENT],
    ["of another processor", { argv: ["/programs/foreign"] }, format, ENOEXEC],
    ["with an argument too long", { argv: ["/usr/bin/true", "x".repeat(200_000)] }, tooLong, E2BIG],
    [
      "with too many arguments",
      { argv: ["/usr/bin/true", ...Array<string>(90_000).fill("x".repeat(99))] },
      tooLong,
      E2BIG,
    ],
    ["in a folder that is missing", { argv: ["/usr/bin/true"], cwd: "/none" }, folder, ENOENT],
    ["in what is no folder", { argv: ["/usr/bin/true"], cwd: "/usr/bin/true" }, folder, ENOTDIR],
    [
      "with a limit above the host's",
      { argv: ["/usr/bin/true"], limits: [{ resource: 4, soft: 0, hard: 2 ** 40 }] },
      process_,
      EPERM,
    ],
  ] satisfies [string, PlaceJob, number, number][])(
    "%s is told by part and error",
    async (_what, job, part, errno) => {
      const { init, out } = await run(job);
      expect(init).toMatchObject({ kind: "failed", part, errno, flags: COMPLETE });
      expect(out).toBe("");
    },
  );

  it.each([
    ["script", "by the shell /programs/script one\n"],
    ["odd", "plain one\n"],
  ])("because the kernel does not know it is the shell's: %s", async (name, said) => {
    const { init, out } = await run({ argv: ["0", "one"], path: `/programs/${name}` });
    expect([init.kind, init.code, out]).toEqual(["exited", 0, said]);
  });

  it("gets its limits", async () => {
    const limits = [{ resource: 1, soft: 4096, hard: 4096 }];
    const job = { argv: ["/bin/sh", "-c", "head -c 9000 /dev/zero >/tmp/x; echo $?"], limits };
    expect((await run(job)).out).toBe(`${128 + 25}\n`);
  });
});
