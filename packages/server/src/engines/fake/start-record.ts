import { statSync } from "node:fs";
import { type BootMoment, msBetween } from "../../lib/time/boot-moment.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Launch } from "../engine.ts";
import { type FoundFile, type LeftInFolder, sizeOfStdin } from "./left-in-folder.ts";
import { parseScript } from "./parse-script.ts";
import type { Script } from "./script.ts";

/** What is kept of a start, so that another server can go on with it. */
export interface StartRecord {
  version: 1;
  launch: Omit<Launch, "files" | "stdin" | "secrets">;
  files: readonly FoundFile[];
  /** Left out by versions in which no job found any. */
  links?: readonly string[];
  stdinSize: number;
  /** How long its secrets are: no more of them is kept. Left out where it has none. */
  secrets?: { files: Record<string, number>; env: Record<string, number> };
  /** Epoch ms. */
  startedAt: number;
  /** The same by the clock that nobody sets; left out by versions that did not note it. */
  startedSinceBoot?: BootMoment;
  /** Bytes that the output files held before. */
  outputFrom: { stdout: number; stderr: number };
  /** Names the engine object that started it. */
  startedBy: string;
}

export function recordOf(
  launch: Launch,
  { left, ...at }: { left: LeftInFolder; startedAt: number; startedSinceBoot: BootMoment; startedBy: string },
): StartRecord {
  const { files, stdin, secrets, ...rest } = launch;
  return {
    version: 1,
    launch: rest,
    files: [...left.files, ...files.map(({ name, content }) => ({ name, size: content.byteLength }))],
    links: left.links,
    stdinSize: sizeOfStdin(stdin),
    ...(secrets !== null && { secrets: { files: lengthsOf(secrets.files), env: lengthsOf(secrets.env) } }),
    outputFrom: { stdout: sizeOf(launch.output.stdout), stderr: sizeOf(launch.output.stderr) },
    ...at,
  };
}

/** How long ago the start was, whatever the wall clock says where the host was not restarted since. */
export function ageOfStart({ startedAt, startedSinceBoot }: StartRecord, clock: Clock): number {
  return msBetween(startedSinceBoot, clock.sinceBoot()) ?? clock.now() - startedAt;
}

/** The script of a job that was started: it parses again, for everything that it depends on is in the record. */
export function recordedScript({ launch, files, links = [], stdinSize, secrets }: StartRecord): Script {
  const hidden = Object.entries(secrets?.files ?? {}).map(
    ([key, length]) => [key, Buffer.alloc(length, "*")] as const,
  );
  const variables = Object.entries(secrets?.env ?? {}).map(([name, length]) => [name, "*".repeat(length)]);
  const parsed = parseScript(launch, {
    ...launch,
    env: { ...launch.env, ...(Object.fromEntries(variables) as Record<string, string>) },
    files,
    links,
    stdinSize,
    secrets: new Map(hidden),
  });
  if (!parsed.ok) throw new Error(`Cannot read the script of job "${launch.id}": ${parsed.problem}`);
  return parsed.script;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function lengthsOf(values: ReadonlyMap<string, Uint8Array>): Record<string, number> {
  return Object.fromEntries([...values].map(([name, { length }]) => [name, length]));
}
