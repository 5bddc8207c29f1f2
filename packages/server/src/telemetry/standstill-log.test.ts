import { expect, it } from "vitest";
import { createManualClock } from "../lib/manual-clock.ts";
import { createLogger } from "./logger.ts";
import { StandstillLog } from "./standstill-log.ts";

interface Line {
  operation: string;
  times: number;
  ms: number;
  cpuMs: number;
  collectedMs: number;
}

function open() {
  const lines: Line[] = [];
  const logger = createLogger({
    level: "debug",
    format: "json",
    out: { write: (line) => void lines.push(JSON.parse(line) as Line) },
  });
  const clock = createManualClock();
  const log = new StandstillLog(logger, clock);
  return { lines, clock, log };
}

const host = "waiting for the host";

it("tells of the first standstill at once, and of others of the same operation once a minute", () => {
  const { lines, clock, log } = open();
  // As on a host that was busy: one a second, for twenty minutes.
  for (let second = 0; second < 1200; second += 1) {
    log.add({ operation: host, ms: 60 + (second % 60), cpuMs: second % 60, collectedMs: 0 });
    clock.advance(1000);
  }
  expect(lines[0]).toMatchObject({ level: "warn", operation: host, times: 1, ms: 60, cpuMs: 0 });
  expect(lines.length).toBeLessThanOrEqual(23);
  expect(lines.slice(1, 3).map(({ times, ms }) => [times, ms])).toEqual([
    [1, 76],
    [1, 96],
  ]);
  expect(lines[3]).toMatchObject({ operation: host, times: 57, ms: 119, cpuMs: 59 });
  clock.advance(60_000);
  expect(lines.reduce((sum, { times }) => sum + times, 0)).toBe(1200);
});

it("tells at once of one that is much longer, and the longest of a minute also when nothing stands still any more", () => {
  const { lines, clock, log } = open();
  for (const ms of [60, 70.4, 900.6, 80])
    log.add({ operation: host, ms, cpuMs: ms / 2, collectedMs: ms / 4 });
  clock.advance(59_999);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatchObject({ times: 1, ms: 901, cpuMs: 450, collectedMs: 225 });
  clock.advance(1);
  expect(lines[2]).toMatchObject({ times: 2, ms: 80, cpuMs: 40 });
  clock.advance(600_000);
  expect(lines).toHaveLength(3);
  expect(clock.pending).toBe(0);
});

it("lets no operation hide another", () => {
  const { lines, log } = open();
  log.add({ operation: host, ms: 60, cpuMs: 1, collectedMs: 0 });
  log.add({ operation: "jobs listed", ms: 60, cpuMs: 59, collectedMs: 0 });
  expect(lines.map(({ operation }) => operation)).toEqual([host, "jobs listed"]);
});

it("is quiet for no longer than a minute", () => {
  const { lines, clock, log } = open();
  log.add({ operation: host, ms: 60, cpuMs: 1, collectedMs: 0 });
  clock.advance(60_000);
  log.add({ operation: host, ms: 61, cpuMs: 1, collectedMs: 0 });
  expect(lines.map(({ times, ms }) => ({ times, ms }))).toEqual([
    { times: 1, ms: 60 },
    { times: 1, ms: 61 },
  ]);
});

it("says the rest at its end, and leaves no timer that would hold the process up", () => {
  const { lines, clock, log } = open();
  for (const ms of [60, 70, 900]) log.add({ operation: host, ms, cpuMs: 1, collectedMs: 0 });
  log[Symbol.dispose]();
  expect(lines.map(({ times, ms }) => ({ times, ms }))).toEqual([
    { times: 1, ms: 60 },
    { times: 1, ms: 900 },
    { times: 1, ms: 70 },
  ]);
  expect(clock.pending).toBe(0);
});

it("says at once what comes after its end, and waits for no more", () => {
  const { lines, clock, log } = open();
  log[Symbol.dispose]();
  for (const ms of [60, 61]) log.add({ operation: host, ms, cpuMs: 1, collectedMs: 0 });
  expect(lines.map(({ times, ms }) => ({ times, ms }))).toEqual([
    { times: 1, ms: 60 },
    { times: 1, ms: 61 },
  ]);
  expect(clock.pending).toBe(0);
});
