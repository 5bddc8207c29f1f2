import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { NativePlace } from "./native-place.ts";
import { SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const missing = whyNoSandbox();
if (missing !== null) console.log(`SKIPPED: what a job can do to pid 1, because ${missing}`);
const host = missing === null ? await SandboxHost.open() : null;
afterAll(() => host?.[Symbol.asyncDispose]());

const build = join(import.meta.dirname, "../../native/build");
const compilers = ["tcc", "gcc", "aarch64-linux-gnu-gcc"].filter((name) => existsSync(`/usr/bin/${name}`));

async function given(script: string): Promise<NativePlace> {
  if (!host) throw new Error("skipped");
  const place = new NativePlace(host);
  place.send("warm\n");
  await place.hears("r");
  place.give({ argv: ["/bin/sh", "-c", script] });
  await place.hears("s");
  return place;
}

/** A line of what the kernel says of a process. */
function line(pid: number, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
}

/** What a process holds open. One that it closes while this looks is not held. */
const fdsOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  });

describe.skipIf(host === null)("pid 1", () => {
  it("is closed to its job: not to be looked into, written or opened", async () => {
    const files = [
      "mem",
      "maps",
      "environ",
      "fd",
      "fd/0",
      "fd/3",
      "map_files",
      "exe",
      "cwd",
      "root",
      "ns/pid",
      "syscall",
      "io",
      "stack",
    ];
    const script = `for f in ${files.join(" ")}; do p=/proc/1/$f; (cat $p || ls $p/ || readlink $p) >/dev/null 2>&1 && echo $f; done
      for f in mem comm oom_score_adj clear_refs coredump_filter; do (echo 1 >/proc/1/$f) 2>/dev/null && echo write $f; done
      cat /.init/init 2>/dev/null | wc -c; ls /proc/self/fd | wc -l`;
    const place = await given(script);
    await place.ended();
    // Its own three, and the one by which ls reads the folder.
    expect(place.read("out").toString()).toBe("0\n4\n");
  });

  it("belongs to root for all who look at it, and holds what it needs alone", async () => {
    const place = await given("exec sleep 1000");
    const { pid } = place;
    await until(() => line(pid, "Seccomp") === "2", { what: "its list of system calls" });
    expect(statSync(`/proc/${pid}/fd`).uid).toBe(0);
    const kinds = fdsOf(pid)
      .map((target) => target.replace(/:\[.*|.*\//, ""))
      .sort();
    const files = ["err", "index", "out"];
    const pipes = Array<string>(4).fill("pipe");
    // The socket is also what stands where a program has its standard files.
    expect(kinds).toEqual([...files, ...pipes, "anon_inode", ...Array<string>(4).fill("socket")].sort());
    const main = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"));
    const signals = (): string[] => ["SigBlk", "SigIgn"].map((name) => line(main, name));
    await until(() => signals().every((mask) => /^0+$/.test(mask)), { what: "no signal blocked or ignored" });
    await until(() => fdsOf(main).length === 3, { what: "three descriptors of the command" });
    place.send("term\n");
    expect((await place.ended()).init).toMatchObject({ kind: "signaled", code: 15 });
  });

  it("does not belong to the job's user where its program could be read either", async () => {
    const program = join(host?.view ?? "", "root/.init/init");
    chmodSync(program, 0o755);
    try {
      const place = await given("exec sleep 1000");
      const owner = statSync(`/proc/${place.pid}/fd`).uid;
      // Root of the sandbox then, whom no process of a job can be.
      expect(String(owner + 1000)).toBe(line(place.pid, "Uid").split("\t")[0]);
      place.send("term\n");
      await place.ended();
    } finally {
      chmodSync(program, 0o711);
    }
  });

  it("ends nobody where it is not pid 1", () => {
    const { status } = spawnSync(host?.program ?? "", ["init"]);
    expect(status).toBe(2);
  });

  it("is not started by a place whose files cannot be made, and its server hears of it", async () => {
    if (!host) throw new Error("skipped");
    const place = new NativePlace(host, { blocked: "exit" });
    expect(await place.hears("w")).toBe(false);
    expect(place.read("exit/in-the-way").length).toBe(0);
  });

  it("is not started by a place whose groups cannot be joined", async () => {
    if (!host) throw new Error("skipped");
    mkdirSync(join(host.view, "groups/0"));
    try {
      const place = new NativePlace(host);
      expect(await place.hears("w")).toBe(false);
      const { shim } = await place.ended();
      const [ENOENT, STEP_GROUPS] = [2, 8];
      expect(shim).toMatchObject({ kind: 3, errno: ENOENT, step: STEP_GROUPS });
    } finally {
      rmSync(join(host.view, "groups/0"), { recursive: true, force: true });
    }
  });
});

describe("the program", () => {
  it.skipIf(missing !== null).each(compilers)(
    "is made by %s without a word, and needs nothing else",
    async (CC) => {
      await using folder = tempFolder();
      const path = join(folder.path, "made/berth-init");
      const made = spawnSync(build, [path], { env: { ...process.env, CC }, encoding: "utf8" });
      expect([made.status, made.stdout, made.stderr]).toEqual([0, "", ""]);
      const header = readFileSync(path);
      const [executable, x64, arm64] = [2, 62, 183];
      expect([header.readUInt16LE(16), header.readUInt16LE(18)]).toEqual([
        executable,
        CC.startsWith("aarch64") ? arm64 : x64,
      ]);
      const isForeign = CC.startsWith("aarch64");
      const command = isForeign ? "/usr/bin/qemu-aarch64" : path;
      if (!existsSync(command)) return;
      const args = isForeign ? [path] : [];
      const ran = spawnSync(command, args, { encoding: "utf8" });
      expect(ran).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^usage: berth-init /) as unknown,
      });
    },
  );
});
