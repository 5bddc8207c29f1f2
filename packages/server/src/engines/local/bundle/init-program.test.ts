import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { runCommand, runtimeKindOf } from "../host/runtime-kind.ts";
import { initKindOf } from "./init-command.ts";
import { reportOfOurs, reportOfShell } from "./init-report.ts";
import { INIT_CODE, initProgram } from "./init-program.ts";

const hasAssembler =
  ["as", "objcopy"].every((name) => existsSync(`/usr/bin/${name}`)) && process.arch === "x64";
if (!hasAssembler)
  console.log("SKIPPED: 1 test of pid 1's machine code, because there is no assembler for it here");

describe("pid 1 of our own", () => {
  it.skipIf(!hasAssembler)("is what its source says, byte by byte", () => {
    const folder = mkdtempSync(join(tmpdir(), "berth-init-"));
    try {
      const [object, code] = [join(folder, "init.o"), join(folder, "init.bin")];
      execFileSync("/usr/bin/as", ["-o", object, join(import.meta.dirname, "init-x64.s")]);
      execFileSync("/usr/bin/objcopy", ["-O", "binary", "-j", ".text", object, code]);
      expect(readFileSync(code).toString("hex")).toBe(INIT_CODE.toString("hex"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(process.arch !== "x64" || process.getuid?.() !== 0)(
    "belongs to root for everybody who looks at it, and to its user again once it is the program",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "berth-init-"));
      chmodSync(folder, 0o755);
      const path = join(folder, "init");
      writeFileSync(path, initProgram("x64") ?? "", { mode: 0o755 });
      const nobody = 65534;
      const child = spawn(path, ["/bin/sh", "sh", "-c", "echo ready; read line"], {
        uid: nobody,
        stdio: ["pipe", "pipe", "inherit", "pipe"],
      });
      try {
        await once(child.stdout as Readable, "data");
        const pid = child.pid ?? 0;
        const inner = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
        const owners = [pid, inner].map((one) => statSync(`/proc/${one}/fd`).uid);
        expect(owners).toEqual([0, nobody]);
      } finally {
        child.stdin?.end();
        await once(child, "exit");
        rmSync(folder, { recursive: true });
      }
    },
  );

  it("gives way to a shell on other processors", () => {
    expect(initProgram("arm64")).toBeNull();
    const { program, start, mainPid } = initKindOf(null, "arm64");
    const { args } = start({ path: "/usr/bin/true", argv: ["true"], env: {} });
    expect([program, mainPid, args[0]]).toEqual(["/bin/sh", 2, "/.init/sh"]);
  });

  it("is another one where the operator names it, and then gets no descriptor to report on", () => {
    const init = initKindOf("/usr/bin/catatonit");
    expect([init.mainPid, init.read]).toEqual([1, null]);
    const { args } = init.start({ path: "/usr/bin/true", argv: ["true", "-x"], env: {} });
    expect(args).toEqual(["/.init/catatonit", "--", "true", "-x"]);
    const crun = runtimeKindOf("/usr/bin/crun");
    expect(runCommand(crun, init)).not.toContain("--preserve-fds");
    expect(runCommand(crun, initKindOf(null))).toContain("--preserve-fds 1");
  });
});

describe("what pid 1 has noted", () => {
  const none = { ran: true, signal: null, failure: null, said: null };
  it.each([
    { raw: "", report: { ...none, ran: false } },
    { raw: "r\n", report: none },
    { raw: "r\ns\x09", report: { ...none, signal: 9 } },
    {
      raw: "r\ne\x02",
      report: {
        ...none,
        failure: "The program cannot be executed: no such file or directory (ENOENT)",
        found: false,
      },
    },
    {
      raw: "r\ne\x0d",
      report: {
        ...none,
        failure: "The program cannot be executed: permission denied (EACCES)",
        found: true,
      },
    },
    {
      raw: "r\nf\x0b",
      report: {
        ...none,
        failure: "No process could be made for the program: resource temporarily unavailable (EAGAIN)",
        found: true,
      },
    },
    { raw: "r\nx\x0b", report: { ...none, said: "x" } },
    { raw: "r\ns\x09s\x09", report: { ...none, said: String.raw`r\u{a}s\u{9}s` } },
    { raw: "s\x09", report: { ...none, ran: false, said: "s" } },
    {
      raw: "r\nYou are \x1b[31mhacked",
      report: { ...none, said: String.raw`r\u{a}You are \u{1b}[31mhacked` },
    },
  ])("is taken from our own only as it says it: $raw", ({ raw, report }) => {
    expect(reportOfOurs(Buffer.from(raw, "latin1"))).toEqual(report);
  });

  it.each([
    { raw: "", report: { ...none, ran: false } },
    { raw: "r\n", report: none },
    {
      raw: "r\nKilled\n",
      report: {
        ran: true,
        signal: "unnamed",
        failure: "No process could be made for the program",
        said: "Killed",
      },
    },
  ])("is told in words of ours where a shell says $raw", ({ raw, report }) => {
    expect(reportOfShell(Buffer.from(raw, "latin1"))).toEqual(report);
  });
});
