import { describe, expect, it } from "vitest";
import type { EndRecord, MainEnd } from "./end-record.ts";
import { judgeExit, type Seen } from "./judge-exit.ts";

const output = { overLimit: null, dropped: { stdout: 0, stderr: 0 } };
const seen: Seen = {
  record: { end: { kind: "exited", code: 0 }, endedAt: 1, output, unkeptErrno: 0, used: null },
  usage: { cpuMs: 1, peakMemoryBytes: null, pidsPeak: 1, pidsRefused: 0 },
  memory: null,
  diskBytes: null,
  diskUsed: null,
  mostFiles: null,
  hasLostNetwork: false,
  sent: [],
  isGone: true,
};
const used = { bytes: 2, largestBytes: 2, removedBytes: 0, files: 4 };
const by = (end: MainEnd): { record: EndRecord } => ({
  record: { end, endedAt: 1, output, unkeptErrno: 0, used: null },
});
const exited = (code: number) => by({ kind: "exited", code });
const signaled = (signal: number) => by({ kind: "signaled", signal, core: false });
const [ENOENT, EACCES, ENOEXEC, EAGAIN, ENOSPC] = [2, 13, 8, 11, 28];

describe("how a job ended", () => {
  it.each<{ title: string; change: Partial<Seen>; end: [number | null, string | null, string | undefined] }>([
    { title: "an exit code above 128", change: exited(137), end: [137, null, undefined] },
    { title: "a signal", change: signaled(9), end: [null, "SIGKILL", undefined] },
    { title: "ABRT by its usual name", change: signaled(6), end: [null, "SIGABRT", undefined] },
    { title: "a real-time signal", change: signaled(35), end: [null, "SIGRTMIN+1", undefined] },
    { title: "a signal that has no name", change: signaled(32), end: [null, "SIG32", undefined] },
    {
      title: "our own KILL of the whole tree",
      change: { ...signaled(9), sent: ["SIGTERM", "SIGKILL"] },
      end: [null, "SIGKILL", undefined],
    },
    {
      title: "an exit code 143 after our TERM",
      change: { ...exited(143), sent: ["SIGTERM"] },
      end: [143, null, undefined],
    },
    {
      title: "process 1 ended without a word",
      change: by({ kind: "unknown", why: "it said nothing" }),
      end: [null, null, "lost"],
    },
    {
      title: "a message that process 1 could not read",
      change: by({ kind: "failed", part: "message", errno: 22 }),
      end: [126, null, "engine_failed"],
    },
    { title: "no record at all", change: { record: null }, end: [null, null, "lost"] },
    {
      title: "no record after our KILL",
      change: { record: null, sent: ["SIGKILL"] },
      end: [null, null, "lost"],
    },
    {
      title: "our own KILL, where processes are left that hear of it later",
      change: { record: null, sent: ["SIGKILL"], isGone: false },
      end: [null, "SIGKILL", undefined],
    },
    {
      title: "a program that is not there",
      change: by({ kind: "failed", part: "program", errno: ENOENT }),
      end: [127, null, "command_failed"],
    },
    {
      title: "a program that may not be executed",
      change: by({ kind: "failed", part: "program", errno: EACCES }),
      end: [126, null, "command_failed"],
    },
    {
      title: "a program whose interpreter is not there",
      change: by({ kind: "failed", part: "interpreter", errno: ENOENT }),
      end: [126, null, "command_failed"],
    },
    {
      title: "a program for another processor",
      change: by({ kind: "failed", part: "format", errno: ENOEXEC }),
      end: [126, null, "command_failed"],
    },
    {
      title: "no process for the program",
      change: by({ kind: "failed", part: "process", errno: EAGAIN }),
      end: [126, null, "command_failed"],
    },
    {
      title: "a folder to stand in that is not there",
      change: by({ kind: "failed", part: "folder", errno: ENOENT }),
      end: [126, null, "command_failed"],
    },
    {
      title: "out of memory",
      change: { ...signaled(9), memory: { kills: 1, limitBytes: 1, capBytes: null, peakBytes: 1 } },
      end: [null, "SIGKILL", "oom"],
    },
    {
      title: "too much in the folder",
      change: { ...signaled(9), diskBytes: 1, diskUsed: used, sent: ["SIGKILL"] },
      end: [null, "SIGKILL", "disk_limit"],
    },
    {
      title: "too many files",
      change: { ...signaled(9), diskBytes: 9, diskUsed: used, mostFiles: 3, sent: ["SIGKILL"] },
      end: [null, "SIGKILL", "too_many_files"],
    },
    {
      title: "our own KILL as its network was lost",
      change: { ...signaled(9), hasLostNetwork: true, sent: ["SIGKILL"] },
      end: [null, "SIGKILL", "engine_failed"],
    },
    {
      title: "an exit of its own before that KILL came",
      change: { ...exited(3), hasLostNetwork: true, sent: ["SIGKILL"] },
      end: [3, null, undefined],
    },
    {
      title: "one file too big, which fills the folder",
      change: { ...signaled(25), diskBytes: 1, diskUsed: used },
      end: [null, "SIGXFSZ", "disk_limit"],
    },
    {
      title: "the signal of a file too big where none is",
      change: { ...signaled(25), diskBytes: 1 },
      end: [null, "SIGXFSZ", "file_too_large"],
    },
    {
      title: "a program that exits with the code that a shell makes of a file too big",
      change: { ...exited(153), diskBytes: 1 },
      end: [153, null, "file_too_large"],
    },
    {
      title: "a shell whose child wrote one file too big",
      change: { ...exited(153), diskBytes: 1, diskUsed: used },
      end: [153, null, "disk_limit"],
    },
  ])("is told rightly for $title", ({ change, end }) => {
    const { code, signal, verdict } = judgeExit({ ...seen, ...change });
    expect([code, signal, verdict?.kind]).toEqual(end);
  });

  it("names what was lacking, in words of the kernel's", () => {
    const reasonOf = (change: Partial<Seen>): unknown => judgeExit({ ...seen, ...change }).verdict;
    expect(reasonOf(by({ kind: "failed", part: "program", errno: ENOENT }))).toEqual({
      kind: "command_failed",
      reason: "The program cannot be executed: no such file or directory (ENOENT)",
      found: false,
    });
    expect(reasonOf(by({ kind: "failed", part: "interpreter", errno: EACCES }))).toMatchObject({
      reason:
        "The interpreter that the program names in its first line cannot be executed: permission denied (EACCES)",
      found: true,
    });
  });

  it("is no success where a part of the output could not be kept, and names that beside another end", () => {
    const unkept = ({ record }: { record: EndRecord }): Seen => ({
      ...seen,
      record: { ...record, unkeptErrno: ENOSPC },
    });
    const reason = "No more of the output could be kept: no space left on device (ENOSPC)";
    expect(judgeExit(unkept(exited(0)))).toMatchObject({
      code: 0,
      verdict: { kind: "engine_failed", reason },
    });
    for (const own of [exited(3), signaled(11)])
      expect(judgeExit(unkept(own))).toMatchObject({ verdict: null, hostProblem: reason });
  });

  it("has of its output what was recorded, and nothing where nobody could", () => {
    expect(judgeExit(seen).output).toBe(output);
    expect(judgeExit({ ...seen, record: null }).output).toEqual({ overLimit: null, dropped: null });
  });
});
