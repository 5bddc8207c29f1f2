import { expect, it } from "vitest";
import { sampleJob } from "../../../../test/support/sample-job.ts";
import type { End } from "../../../core/job/end.ts";
import type { Source } from "../../../core/task/source.ts";
import { cloneExit } from "./clone-script.ts";
import { whyNotCloned } from "./why-not-cloned.ts";

const MIB = 2 ** 20;
const source: Source = {
  url: "https://git.example.org/a.git",
  ref: "main",
  credentials: null,
  shown: null,
  ca: null,
  network: null,
  mostBytes: 10 * MIB,
  refreshMs: 0,
  submodules: false,
  commit: null,
};

it.each<[what: string, diskMiB: number, exitCode: number, said: string, reason: string]>([
  ["of the job, the lower one", 5, 128, "fatal: fetch-pack died of signal 25", "disk_limit"],
  ["of the source, the lower one", 50, 128, "fatal: fetch-pack died of signal 25", "too_large"],
  ["of the source, which the stage itself has counted", 5, cloneExit.tooLarge, "", "too_large"],
  ["of the job, as a quota", 50, 128, "error: unable to write file a: Disk quota exceeded", "disk_limit"],
  ["of the server's disk", 50, 128, "fatal: write error: No space left on device", "no_room"],
])(
  "tells a clone that is too large by the limit that it met: that %s",
  (_, diskMiB, exitCode, said, reason) => {
    const sample = sampleJob();
    const limits = { ...sample.limits, disk: { value: diskMiB * MIB, by: "job" as const } };
    const evidence = { exitCode };
    const end: End = { state: "failed", cause: { code: "exit", message: "Exited", evidence } };
    const { cause } = whyNotCloned(end, { job: { limits, source }, said, seen: null });
    expect([cause.code, cause.evidence["reason"]]).toEqual(["source_failed", reason]);
  },
);
