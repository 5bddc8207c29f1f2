import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";

export type HashRequest =
  | { kind: "open"; number: number; path: string }
  | { kind: "grown"; number: number; bytes: number }
  | { kind: "end"; number: number }
  | { kind: "close"; number: number };

export interface HashReply {
  number: number;
  outcome: { sha256: string } | { failure: string; code: string | null };
}

interface Growing {
  fd: number;
  hash: Hash;
  done: number;
  bytes: number;
  isEnded: boolean;
}

/** A turn of one file, in a few milliseconds: many files that grow take turns. */
const block = Buffer.allocUnsafe(2 ** 20);
const files = new Map<number, Growing>();
let isScheduled = false;

parentPort?.on("message", (request: HashRequest) => {
  const { number } = request;
  try {
    hear(request);
  } catch (error) {
    fail(number, error);
  }
  schedule();
});

function hear(request: HashRequest): void {
  const { number } = request;
  const file = files.get(number);
  switch (request.kind) {
    case "open":
      files.set(number, {
        fd: openSync(request.path, "r"),
        hash: createHash("sha256"),
        done: 0,
        bytes: 0,
        isEnded: false,
      });
      return;
    case "grown":
      if (file) file.bytes = request.bytes;
      return;
    case "end":
      if (file) file.isEnded = true;
      return;
    case "close":
      return close(number);
    default:
      return request satisfies never;
  }
}

function schedule(): void {
  if (isScheduled || files.size === 0) return;
  isScheduled = true;
  setImmediate(() => {
    isScheduled = false;
    let isBusy = false;
    for (const [number, file] of files) {
      try {
        if (work(number, file)) isBusy = true;
      } catch (error) {
        fail(number, error);
      }
    }
    if (isBusy) schedule();
  });
}

/** True while there is more to read. */
function work(number: number, file: Growing): boolean {
  if (file.done < file.bytes) {
    const read = readSync(file.fd, block, 0, Math.min(block.length, file.bytes - file.done), file.done);
    if (read === 0) throw new Error("the file is shorter than what was written to it");
    file.hash.update(block.subarray(0, read));
    file.done += read;
    if (file.done < file.bytes) return true;
  }
  if (file.isEnded) {
    reply({ number, outcome: { sha256: file.hash.digest("hex") } });
    close(number);
  }
  return false;
}

function fail(number: number, error: unknown): void {
  reply({
    number,
    outcome: { failure: (error as Error).message, code: (error as NodeJS.ErrnoException).code ?? null },
  });
  close(number);
}

function close(number: number): void {
  const file = files.get(number);
  files.delete(number);
  if (file) closeSync(file.fd);
}

function reply(message: HashReply): void {
  parentPort?.postMessage(message);
}
