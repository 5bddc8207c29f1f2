import { statSync } from "node:fs";
import type { Launch } from "../engine.ts";
import { type LeftInFolder, sizeOfStdin } from "./left-in-folder.ts";
import { parseScript } from "./parse-script.ts";
import type { Script } from "./script.ts";

/** What is kept of a start, so that another server can go on with it. */
export interface StartRecord {
  version: 1;
  launch: Omit<Launch, "files" | "stdin">;
  files: readonly { name: string; size: number }[];
  /** Left out by versions in which no job found any. */
  links?: readonly string[];
  stdinSize: number;
  /** Epoch ms. */
  startedAt: number;
  /** Bytes that the output files held before. */
  outputFrom: { stdout: number; stderr: number };
  /** Names the engine object that started it. */
  startedBy: string;
}

export function recordOf(
  launch: Launch,
  { left, ...at }: { left: LeftInFolder; startedAt: number; startedBy: string },
): StartRecord {
  const { files, stdin, ...rest } = launch;
  return {
    version: 1,
    launch: rest,
    files: [...left.files, ...files.map(({ name, content }) => ({ name, size: content.byteLength }))],
    links: left.links,
    stdinSize: sizeOfStdin(stdin),
    outputFrom: { stdout: sizeOf(launch.output.stdout), stderr: sizeOf(launch.output.stderr) },
    ...at,
  };
}

/** The script of a job that was started: it parses again, for everything that it depends on is in the record. */
export function recordedScript({ launch, files, links = [], stdinSize }: StartRecord): Script {
  const parsed = parseScript(launch, { ...launch, files, links, stdinSize });
  if (!parsed.ok) throw new Error(`Cannot read the script of job "${launch.id}": ${parsed.problem}`);
  return parsed.script;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
