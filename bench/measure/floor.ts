import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { CpuGroup } from "./cpu-group.ts";
import { commandOf, namespaceOf, treeOf } from "./processes.ts";
import { smallCommand, stopJob, submitJob, waitForState } from "./jobs.ts";
import type { BenchServer } from "./server.ts";

const SCRIPT = join(import.meta.dirname, "raw-crun.sh");
const MOST_AT_ONCE = 32;

export interface FloorRun {
  /** Of each container; only when they ran one at a time. */
  eachMs: number[];
  wholeMs: number;
  cpuMs: number;
}

/** The runtime alone, on the bundle that the engine made and in the mount namespace that the engine made. */
export class Floor implements Disposable {
  /** Of the runtime, as it names itself. */
  readonly version: string;
  readonly #command: readonly string[];
  readonly #folder: string;
  readonly #namespaceOf: number;
  #runs = 0;

  constructor(options: { folder: string; version: string; command: readonly string[]; namespaceOf: number }) {
    this.version = options.version;
    this.#command = options.command;
    this.#folder = options.folder;
    this.#namespaceOf = options.namespaceOf;
  }

  async run(options: { count: number; atOnce: number }): Promise<FloorRun> {
    using cpu = new CpuGroup(`berth-bench-${process.pid}-floor`);
    const loop = [
      SCRIPT,
      join(this.#folder, "bundles"),
      options.count,
      options.atOnce,
      `floor-${process.pid}-${this.#runs++}`,
    ];
    const [program, ...args] = cpu.wrap([
      "nsenter",
      `--mount=/proc/${this.#namespaceOf}/ns/mnt`,
      "--",
      ...loop.map(String),
      ...this.#command,
    ]);
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [micros] = await Promise.all([text(child.stdout), once(child, "exit")]);
    if (child.exitCode !== 0) throw new Error(`The runtime's own loop failed: ${this.#errors()}`);
    const times = micros
      .trim()
      .split("\n")
      .map((line) => Number(line) / 1000);
    return { eachMs: times.slice(0, -1), wholeMs: times.at(-1) ?? Number.NaN, cpuMs: cpu.cpuMs() };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #errors(): string {
    return readFileSync(join(this.#folder, "bundles/0/err"), "utf8");
  }
}

/** Takes the bundle and the runtime's command line of a job that runs, and stops it. */
export async function captureFloor(server: BenchServer): Promise<Floor> {
  const sleep = ["/bin/sleep", "60"] as const;
  const { id } = await submitJob(server.client, { command: sleep[0], args: [sleep[1]] });
  await waitForState(server.client, id, "running");
  const { command, pid } = findRuntime(server.pid, id);
  // Where the runtime stands is the bundle, in a mount namespace of its own.
  const config = JSON.parse(readFileSync(`/proc/${pid}/cwd/config.json`, "utf8")) as Bundle;
  const owner = statSync(`/proc/${pid}/root${workOf(config).source}`);
  const version = execFileSync(`/proc/${pid}/exe`, ["--version"], { encoding: "utf8" }).split("\n")[0] ?? "";
  await stopJob(server.client, id);

  const folder = join(server.dataDir, "floor");
  mkdirSync(join(folder, "state"), { recursive: true });
  for (let worker = 0; worker < MOST_AT_ONCE; worker++) {
    const bundle = join(folder, "bundles", String(worker));
    mkdirSync(join(bundle, "work"), { recursive: true });
    chownSync(join(bundle, "work"), owner.uid, owner.gid);
    writeFileSync(join(bundle, "config.json"), bundleFor(config, { bundle, id, sleep }));
  }
  // As the engine does: the mapped user must pass through, and see nothing.
  for (const path of [folder, join(folder, "bundles")]) chmodSync(path, 0o711);
  return new Floor({
    folder,
    version,
    command: ownRuntime(command, folder),
    namespaceOf: findSpawner(server.pid),
  });
}

/** The engine's configuration, with the small command and with a work folder of its own. */
function bundleFor(
  config: Bundle,
  from: { bundle: string; id: string; sleep: readonly [string, string] },
): string {
  const [program, ...args] = smallCommand;
  const parsed = structuredClone(config);
  const [sleep, duration] = from.sleep;
  if (!parsed.process.args.includes(sleep) || parsed.process.args.at(-1) !== duration)
    throw new Error("The bundle does not name the job's command as it was submitted");
  // An init may be given the program twice: as a path and as argument 0.
  parsed.process.args = parsed.process.args
    .slice(0, -1)
    .map((word) => (basename(word) === basename(sleep) ? program : word))
    .concat(args);
  workOf(parsed).source = join(from.bundle, "work");
  return JSON.stringify(parsed).replaceAll(from.id, `floor-${process.pid}`);
}

/** What of an OCI configuration is looked at here. */
interface Bundle {
  process: { args: string[] };
  mounts: { destination: string; source: string }[];
}

function workOf({ mounts }: Bundle): { source: string } {
  const work = mounts.find(({ destination }) => destination === "/work");
  if (!work) throw new Error("The bundle has no /work");
  return work;
}

interface Found {
  /** As it was started, from the runtime to the job's id. */
  command: string[];
  pid: number;
}

function findRuntime(serverPid: number, id: string): Found {
  for (const pid of treeOf(serverPid)) {
    const command = commandOf(pid);
    const end = command.lastIndexOf(id);
    if (end > 0 && command.includes("run")) return { command: command.slice(0, end), pid };
  }
  throw new Error(`No runtime runs job "${id}"`);
}

/** The spawner: what the server started that lives in another mount namespace, and stays. */
function findSpawner(serverPid: number): number {
  const server = namespaceOf(serverPid, "mnt");
  const found = treeOf(serverPid).find((pid) => namespaceOf(pid, "mnt") !== server);
  return found ?? serverPid;
}

const OF_ONE_JOB = ["--bundle", "--log", "--log-format", "--pid-file", "--root"];

/** The engine's own options of the runtime, but a state folder of the floor's. Bundle and id come from the loop. */
function ownRuntime([runtime = "", ...options]: readonly string[], folder: string): string[] {
  const kept: string[] = [];
  for (let i = 0; i < options.length; i++) {
    const option = options[i] ?? "";
    if (OF_ONE_JOB.includes(option)) i++;
    else if (!OF_ONE_JOB.some((name) => option.startsWith(`${name}=`))) kept.push(option);
  }
  return [runtime, "--root", join(folder, "state"), ...kept];
}
