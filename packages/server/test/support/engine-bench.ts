import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eachLimit, type Limits } from "../../src/core/limits.ts";
import { plainSurroundings } from "../../src/core/stages/surroundings.ts";
import type { Engine, Exit, Launch } from "../../src/engines/engine.ts";
import { newId } from "../../src/lib/ids.ts";
import type { CommandLine, EngineSubject } from "./engine-subject.ts";
import { patiently } from "./patience.ts";
import { tempFolder } from "./temp-folder.ts";
import { until } from "./until.ts";

/** Longest that one job of the suite may take; only reached when something hangs. */
export const patienceMs = patiently(180_000);

export const noLimits: Limits = {
  ...eachLimit(() => null),
  outputBytes: { value: 0, by: "operator" },
  overflow: "stop",
};

export interface Ended {
  exit: Exit;
  stdout: Buffer;
  stderr: Buffer;
}

/** An engine on a folder of its own, and the few steps that every test of it takes. */
export interface EngineBench extends AsyncDisposable {
  readonly subject: EngineSubject;
  readonly engine: Engine;
  readonly root: string;
  newLaunch(line: CommandLine, overrides?: Partial<Launch>): Launch;
  /** Starts a job, and leaves it to the caller to destroy it. */
  start(line: CommandLine, overrides?: Partial<Launch>): Promise<Launch>;
  /** Starts a job that prints `ready`, and waits for that. */
  startReady(line: CommandLine, overrides?: Partial<Launch>): Promise<Launch>;
  wait(launch: Launch): Promise<Exit>;
  /** A whole life: start, wait, read the output, destroy. */
  run(line: CommandLine, overrides?: Partial<Launch>): Promise<Ended>;
  stdoutOf(launch: Launch): Buffer;
  leftovers(id: string): Promise<string[]>;
}

export async function openEngineBench(subject: EngineSubject): Promise<EngineBench> {
  const folder = tempFolder();
  const engine = await subject.open(folder.path).catch(async (error: unknown) => {
    await folder[Symbol.asyncDispose]();
    throw error;
  });
  const newLaunch: EngineBench["newLaunch"] = (line, overrides) =>
    launchOn(engine, { line, overrides, root: folder.path });
  const bench: EngineBench = {
    subject,
    engine,
    root: folder.path,
    newLaunch,
    async start(line, overrides) {
      const launch = newLaunch(line, overrides);
      await engine.start(launch, AbortSignal.timeout(patienceMs));
      return launch;
    },
    async startReady(line, overrides) {
      const launch = await bench.start(line, overrides);
      await until(() => bench.stdoutOf(launch).includes("ready\n"), {
        what: "the job's first line",
        timeoutMs: patienceMs,
      });
      return launch;
    },
    wait: ({ handle }) => engine.wait(handle, AbortSignal.timeout(patienceMs)),
    async run(line, overrides) {
      const launch = await bench.start(line, overrides);
      const exit = await bench.wait(launch);
      const ended = { exit, stdout: bench.stdoutOf(launch), stderr: readFileSync(launch.output.stderr) };
      await engine.destroy(launch.handle);
      return ended;
    },
    stdoutOf: ({ output }) => readFileSync(output.stdout),
    leftovers: (id) => subject.leftovers(folder.path, id),
    async [Symbol.asyncDispose]() {
      for (const { handle } of await engine.list()) await engine.destroy(handle);
      await engine[Symbol.asyncDispose]();
      await subject.remove(folder.path);
      await folder[Symbol.asyncDispose]();
    },
  };
  return bench;
}

/** A launch as the reconciler makes it, with its output files in place. */
export function launchOn(
  engine: Pick<Engine, "handleFor">,
  {
    line,
    overrides = {},
    root,
  }: { line: CommandLine; overrides?: Partial<Launch> | undefined; root: string },
): Launch {
  const id = overrides.id ?? newId();
  const folder = join(root, "output", id.replaceAll("-", ""));
  const files = {
    stdout: join(folder, "stdout"),
    stderr: join(folder, "stderr"),
    index: join(folder, "index"),
  };
  mkdirSync(folder, { recursive: true });
  for (const path of Object.values(files)) writeFileSync(path, "");
  const { outputBytes, overflow } = overrides.limits ?? noLimits;
  const limitBytes = outputBytes.value === 0 ? null : outputBytes.value;
  const output = { ...files, limitBytes, overflow };
  return {
    id,
    handle: engine.handleFor(id),
    ...line,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    workdir: "/work",
    files: [],
    stdin: null,
    secrets: null,
    work: { kind: "own" },
    limits: noLimits,
    ...plainSurroundings,
    output,
    ...overrides,
  };
}
