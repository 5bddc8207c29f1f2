import type { Job, Stage } from "@berth/sdk";
import { expect, it } from "vitest";
import { stageTable } from "./stage-table.ts";

const usage = { cpuMs: 12, wallMs: 1500, peakMemoryBytes: null, outputBytes: 2048 };
const unpack: Stage = {
  id: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f8",
  kind: "unpack",
  state: "failed",
  cause: { code: "disk_limit", message: "Disk limit 1 MiB\u001b[2J reached", evidence: {} },
  startedAt: "2026-01-31T12:00:00.012Z",
  endedAt: "2026-01-31T12:00:01.512Z",
  exitCode: 1,
  usage,
  isolation: null,
};
const command: Stage = {
  ...unpack,
  kind: "command",
  state: "skipped",
  cause: null,
  startedAt: null,
  exitCode: null,
  usage: { cpuMs: null, wallMs: null, peakMemoryBytes: null, outputBytes: 0 },
};
const job = (stages?: Stage[]): Job => ({ stages }) as unknown as Job;

it("shows each stage of a job with its times, in printable characters", () => {
  expect(stageTable(job([unpack, command]), null)).toMatchInlineSnapshot(`
    "STAGE    STATE    STARTED                   TIME  CPU   OUTPUT  CAUSE
    unpack   failed   2026-01-31T12:00:00.012Z  1.5s  12ms  2 KiB   Disk limit 1 MiB\\x1b[2J reached
    command  skipped"
  `);
});

it("shows none for a job of one stage, nor where the server tells of none", () => {
  expect(stageTable(job([command]), null)).toBeNull();
  expect(stageTable(job(), null)).toBeNull();
});
