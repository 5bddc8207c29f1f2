import { spawnSync } from "node:child_process";
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { median } from "./statistics.ts";

const TIMES = 100;
/** What a commit of one job writes. */
const COMMIT_BYTES = 56 * 1024;
/** Longer than a processor looks out for work before it sleeps. */
const IDLE_MS = 2;

/** What this host takes for the parts of every job, of Berth and of its floor in different shares: ratios differ by it. */
export async function describePrices(folder: string): Promise<string> {
  const write = priceOfWrite(join(folder, "written"));
  const wake = await priceOfWake();
  const program = median(repeat(() => timed(() => spawnSync("/bin/true"))));
  return `this host takes ${write.toFixed(2)} ms to write ${COMMIT_BYTES / 1024} KiB to its disk, ${wake.toFixed(2)} ms to wake an idle thread and be woken by it, ${program.toFixed(1)} ms for a program that does nothing`;
}

function priceOfWrite(path: string): number {
  const file = openSync(path, "w");
  const block = Buffer.alloc(COMMIT_BYTES, 1);
  try {
    return median(
      repeat(() => {
        writeSync(file, block);
        return timed(() => fsyncSync(file));
      }),
    );
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

/** There and back: a word of shared memory on which each waits for the other. */
async function priceOfWake(): Promise<number> {
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const echo = `const { workerData: turn } = require("node:worker_threads");
    for (;;) { Atomics.wait(turn, 0, 0); if (Atomics.load(turn, 0) === 2) break; Atomics.store(turn, 0, 0); Atomics.notify(turn, 0); }`;
  const other = new Worker(echo, { eval: true, workerData: turn });
  const say = (word: number): void => {
    Atomics.store(turn, 0, word);
    Atomics.notify(turn, 0);
  };
  const found: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    await pause(IDLE_MS);
    found.push(
      timed(() => {
        say(1);
        Atomics.wait(turn, 0, 1);
      }),
    );
  }
  say(2);
  await other.terminate();
  return median(found);
}

function repeat(measure: () => number): number[] {
  return Array.from({ length: TIMES }, measure);
}

function timed(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}
