import { EngineError, type Launch } from "../engine.ts";
import type { JobFolder } from "./job-folder.ts";
import { type LeftInFolder, sizeOfStdin } from "./left-in-folder.ts";
import { parseScript } from "./parse-script.ts";
import type { Script } from "./script.ts";

/** The script of a job that can be started; throws what is wrong with the job itself. */
export function scriptToStart(launch: Launch, left: LeftInFolder): Script {
  const sent = launch.files.map(({ name, content }) => ({ name, size: content.byteLength }));
  const files = [...left.files, ...sent];
  const stray = files.find(({ name }) => name.startsWith("/") || name.split("/").includes(".."));
  if (stray) throw jobFault(launch.id, `the file "${stray.name}" lies outside its folder`);
  const parsed = parseScript(launch, {
    ...launch,
    files,
    links: left.links,
    stdinSize: sizeOfStdin(launch.stdin),
    env: { ...launch.env, ...variablesOf(launch.secrets) },
    secrets: launch.secrets?.files ?? new Map(),
  });
  if (!parsed.ok) throw jobFault(launch.id, parsed.problem);
  if (parsed.script.start.fail?.blame === "job") throw jobFault(launch.id, "the script says so");
  return parsed.script;
}

/** Throws what the script asks for: an engine that fails for ever, or for the first few attempts. */
export function failOnPurpose(id: string, { script, folder }: { script: Script; folder: JobFolder }): void {
  const { fail } = script.start;
  if (fail?.blame !== "engine") return;
  if (fail.times === null) throw engineFault(id, { state: "the script says so", retryable: false });
  if (folder.countAttempt() < fail.times)
    throw engineFault(id, { state: "the script says so", retryable: true });
}

export function engineFault(
  id: string,
  { state, retryable }: { state: string; retryable: boolean },
): EngineError {
  return new EngineError(`Cannot start job "${id}": ${state}`, { blame: "engine", retryable });
}

function jobFault(id: string, state: string): EngineError {
  return new EngineError(`Cannot start job "${id}": ${state}`, { blame: "job", retryable: false });
}

function variablesOf(secrets: Launch["secrets"]): Record<string, string> {
  return Object.fromEntries(
    [...(secrets?.env ?? [])].map(([name, value]) => [name, Buffer.from(value).toString()]),
  );
}
