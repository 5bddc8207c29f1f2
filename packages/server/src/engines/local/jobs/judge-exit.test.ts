import { describe, expect, it } from "vitest";
import { judgeExit, type Seen } from "./judge-exit.ts";

const seen: Seen = {
  status: 0,
  outlived: false,
  endedAt: 1,
  usage: { cpuMs: 1, peakMemoryBytes: null, pidsPeak: 1, pidsRefused: 0 },
  outputDropped: null,
  memory: null,
  init: { ran: true, signal: null, failure: null, said: null },
  runtimeLog: "",
  diskBytes: null,
  diskUsed: null,
  mostFiles: null,
  sent: [],
};
const ran = { ran: true, signal: null, failure: null, said: null };
const used = { bytes: 2, largestBytes: 2, removedBytes: 0, files: 4 };
const neverRan = { ...ran, ran: false };

describe("how a job ended", () => {
  it.each([
    { title: "an exit code above 128", change: { status: 137 }, end: [137, null, undefined] },
    {
      title: "a signal that pid 1 names",
      change: { status: 137, init: { ...ran, signal: 9 } },
      end: [null, "SIGKILL", undefined],
    },
    {
      title: "ABRT by its usual name",
      change: { status: 134, init: { ...ran, signal: 6 } },
      end: [null, "SIGABRT", undefined],
    },
    {
      title: "a real-time signal",
      change: { status: 128 + 35, init: { ...ran, signal: 35 } },
      end: [null, "SIGRTMIN+1", undefined],
    },
    {
      title: "a signal that has no name",
      change: { status: 128 + 32, init: { ...ran, signal: 32 } },
      end: [null, "SIG32", undefined],
    },
    {
      title: "a signal that a shell as pid 1 leaves to the status",
      change: { status: 137, init: { ...ran, signal: "unnamed" as const, failure: "none", said: "Killed" } },
      end: [null, "SIGKILL", undefined],
    },
    {
      title: "a signal that is not the one of the status",
      change: { status: 137, init: { ...ran, signal: 15 } },
      end: [137, null, undefined],
    },
    {
      title: "a signal of a program that exited",
      change: { status: 0, init: { ...ran, signal: 9 } },
      end: [0, null, undefined],
    },
    {
      title: "our own KILL of the whole tree",
      change: { status: 137, sent: ["SIGTERM", "SIGKILL"] as const },
      end: [null, "SIGKILL", undefined],
    },
    {
      title: "an exit code 143 after our TERM",
      change: { status: 143, sent: ["SIGTERM"] as const },
      end: [143, null, undefined],
    },
    {
      title: "with an init that says nothing, 128 + n",
      change: { status: 143, init: null },
      end: [143, null, undefined],
    },
    {
      title: "with an init that says nothing, our TERM",
      change: { status: 143, init: null, sent: ["SIGTERM"] as const },
      end: [null, "SIGTERM", undefined],
    },
    { title: "no status at all", change: { status: null }, end: [null, null, "lost"] },
    {
      title: "a runtime that failed before pid 1 ran",
      change: { status: 1, init: neverRan, runtimeLog: "mount failed" },
      end: [1, null, "engine_failed"],
    },
    {
      title: "a program that exits with 1 while the runtime complained",
      change: { status: 1, runtimeLog: "warning" },
      end: [1, null, undefined],
    },
    {
      title: "a program that pid 1 could not execute",
      change: { status: 127, init: { ...ran, failure: "ENOENT" } },
      end: [127, null, "command_failed"],
    },
    {
      title: "a program that is there and could not be executed",
      change: { status: 127, init: { ...ran, failure: "EACCES", found: true } },
      end: [126, null, "command_failed"],
    },
    {
      title: "out of memory",
      change: { status: 137, memory: { kills: 1, limitBytes: 1, capBytes: null, peakBytes: 1 }, sent: [] },
      end: [null, "SIGKILL", "oom"],
    },
    {
      title: "too much in the folder",
      change: { status: 137, diskBytes: 1, diskUsed: used, sent: ["SIGKILL"] as const },
      end: [null, "SIGKILL", "disk_limit"],
    },
    {
      title: "too many files",
      change: { status: 137, diskBytes: 9, diskUsed: used, mostFiles: 3, sent: ["SIGKILL"] as const },
      end: [null, "SIGKILL", "too_many_files"],
    },
    {
      title: "one file too big, which fills the folder",
      change: { status: 153, diskBytes: 1, diskUsed: used, init: { ...ran, signal: 25 } },
      end: [null, "SIGXFSZ", "disk_limit"],
    },
    {
      title: "the signal of a file too big where none is",
      change: { status: 153, diskBytes: 1, init: { ...ran, signal: 25 } },
      end: [null, "SIGXFSZ", "file_too_large"],
    },
    {
      title: "a folder to stand in that is not there",
      change: { status: 1, init: neverRan, runtimeLog: "chdir `/usr/nosuch`: No such file or directory" },
      end: [1, null, "command_failed"],
    },
    {
      title: "a folder to stand in that is not there, in the words of another runtime",
      change: {
        status: 1,
        init: neverRan,
        runtimeLog: 'chdir to cwd ("/usr/nosuch") set in config.json failed: no such file or directory',
      },
      end: [1, null, "command_failed"],
    },
    {
      title: "a folder of the engine's own that cannot be entered",
      change: { status: 1, init: neverRan, runtimeLog: "chdir `/work`: Input/output error" },
      end: [1, null, "engine_failed"],
    },
    {
      title: "a program that exits with the code that a shell makes of a file too big",
      change: { status: 153, diskBytes: 1 },
      end: [153, null, "file_too_large"],
    },
    {
      title: "a shell whose child wrote one file too big",
      change: { status: 153, diskBytes: 1, diskUsed: used },
      end: [153, null, "disk_limit"],
    },
  ])("is told rightly for $title", ({ change, end }) => {
    const { code, signal, verdict } = judgeExit({ ...seen, ...change });
    expect([code, signal, verdict?.kind]).toEqual(end);
  });
});
