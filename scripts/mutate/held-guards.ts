import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Guard } from "./guards/guard.ts";

const kept = new URL("held.json", import.meta.url);

/** By the guard's name: the state (`stateOf`) of the row and its files when its test last failed without it. */
export type HeldGuards = Readonly<Record<string, string>>;

/** What has been shown so far, by this run and all before it. */
export function readHeld(): HeldGuards {
  return JSON.parse(readFileSync(kept, "utf8")) as HeldGuards;
}

/** Notes at once that a guard is held in that state, or with null that it is not: a run takes hours, and may be ended at any row. */
export function noteHeld(name: string, state: string | null): void {
  const { [name]: _before, ...others } = readHeld();
  const held = Object.entries({ ...others, ...(state !== null && { [name]: state }) });
  const sorted = Object.fromEntries(held.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const beside = `${kept.pathname}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(sorted, null, 2)}\n`);
  renameSync(beside, kept);
}

/** The row and the files it names, those below `root`, as 16 hex digits; what else they rest on is not in it. */
export function stateOf(guard: Guard, root: string): string {
  const files = [guard.file, guard.test, ...(guard.also ? [guard.also.file] : [])];
  const hash = createHash("sha256").update(JSON.stringify(guard));
  for (const file of files) hash.update("\0").update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 16);
}
