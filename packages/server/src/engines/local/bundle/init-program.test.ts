import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { initKindOf, readInitReport } from "./init-command.ts";
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

  it("gives way to a shell on other processors", () => {
    expect(initProgram("arm64")).toBeNull();
    const { program, command, mainPid } = initKindOf(null, "arm64");
    expect([program, mainPid, command("/usr/bin/true", ["true"]).at(0)]).toEqual([null, 2, "/bin/sh"]);
  });

  it("is another one where the operator names it", () => {
    const { command, mainPid, reports } = initKindOf("/usr/bin/catatonit");
    expect([mainPid, reports]).toEqual([1, false]);
    expect(command("/usr/bin/true", ["true", "-x"])).toEqual(["/usr/bin/catatonit", "--", "true", "-x"]);
  });

  it.each([
    { raw: "", report: { ran: false, signaled: false, failure: null } },
    { raw: "r\n", report: { ran: true, signaled: false, failure: null } },
    { raw: "r\ns\x09", report: { ran: true, signaled: true, failure: null } },
    {
      raw: "r\ne\x02",
      report: { ran: true, signaled: false, failure: "The program cannot be executed: ENOENT" },
    },
    {
      raw: "r\nf\x0b",
      report: { ran: true, signaled: false, failure: "No process could be made for the program: EAGAIN" },
    },
    { raw: "r\nKilled\n", report: { ran: true, signaled: true, failure: "Killed" } },
  ])("is understood when it says $raw", ({ raw, report }) => {
    expect(readInitReport(raw)).toEqual(report);
  });
});
