import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { CpuGroup } from "./cpu-group.ts";
import { namespaceOf, treeOf } from "./processes.ts";
import { runJob, smallCommand } from "./jobs.ts";
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

/** Takes the bundle of a place that the server keeps ready, and the command line by which it has a sandbox made. */
export async function captureFloor(server: BenchServer): Promise<Floor> {
  // Then the server has made everything that it makes once.
  await runJob(server.client);
  const spawner = findSpawner(server.pid);
  const command = runtimeOf(spawner);
  const config = await readPlace(join("/proc", String(spawner), "root/sys/berth/jobs"));
  const env = await environmentOf(server);
  const owner = (config.linux.uidMappings[0]?.hostID ?? 0) + config.process.user.uid;
  const version = execFileSync(runtimeOutside(spawner, command), ["--version"], { encoding: "utf8" });

  const folder = join(server.dataDir, "floor");
  mkdirSync(join(folder, "state"), { recursive: true });
  for (let worker = 0; worker < MOST_AT_ONCE; worker++) {
    const bundle = join(folder, "bundles", String(worker));
    mkdirSync(join(bundle, "work"), { recursive: true });
    chownSync(join(bundle, "work"), owner, owner);
    writeFileSync(join(bundle, "config.json"), bundleFor(config, { bundle, env }));
  }
  // As the engine does: the mapped user must pass through, and see nothing.
  for (const path of [folder, join(folder, "bundles")]) chmodSync(path, 0o711);
  return new Floor({
    folder,
    version: version.split("\n")[0] ?? "",
    command: ownRuntime(command, folder),
    namespaceOf: spawner,
  });
}

/** What a command of a job finds in its environment: with a locale it reads a dozen files more before it begins. */
async function environmentOf({ client }: BenchServer): Promise<string[]> {
  const { id } = await runJob(client, { command: "/usr/bin/env", args: ["-0"] });
  const chunks = client.stream(`/api/v1/jobs/${id}/output?stream=stdout`, "application/octet-stream");
  const output = Buffer.concat(await Array.fromAsync(chunks)).toString();
  const env = output.split("\0").filter((one) => one !== "");
  if (!env.some((one) => one.startsWith("PATH="))) throw new Error(`Not an environment: ${output}`);
  return env;
}

/** The engine's configuration with the small command instead of pid 1, as a job has it, and with a work folder of its own. */
function bundleFor(config: Bundle, { bundle, env }: { bundle: string; env: string[] }): string {
  const parsed = structuredClone(config);
  parsed.process.args = [...smallCommand];
  parsed.process.env = env;
  parsed.process.cwd = "/work";
  workOf(parsed).source = join(bundle, "work");
  return JSON.stringify(parsed);
}

/** The configuration of some place that is there just now. */
async function readPlace(jobs: string): Promise<Bundle> {
  for (let attempt = 0; attempt < 100; attempt++) {
    for (const name of readdirSync(jobs)) {
      try {
        return JSON.parse(readFileSync(join(jobs, name, "config.json"), "utf8")) as Bundle;
      } catch {
        // It has been taken meanwhile.
      }
    }
    await pause(20);
  }
  throw new Error("The server keeps no place ready");
}

/** What of an OCI configuration is looked at here. */
interface Bundle {
  process: { args: string[]; env: string[]; cwd: string; user: { uid: number } };
  linux: { uidMappings: { hostID: number }[] };
  mounts: { destination: string; source: string }[];
}

function workOf({ mounts }: Bundle): { source: string } {
  const work = mounts.find(({ destination }) => destination === "/work");
  if (!work) throw new Error("The bundle has no /work");
  return work;
}

/** What the spawner has shims execute: it is told by its environment. */
function runtimeOf(spawner: number): string[] {
  const variables = readFileSync(`/proc/${spawner}/environ`, "utf8").split("\0");
  const run = variables.find((one) => one.startsWith("RUN="));
  if (run === undefined) throw new Error("The spawner does not say which runtime it uses");
  return run.slice("RUN=".length).split(" ");
}

/** The runtime's program, which lies in the spawner's view of the host, as it is named from here. */
function runtimeOutside(spawner: number, [runtime = ""]: readonly string[]): string {
  return `/proc/${spawner}/root${runtime}`;
}

/** The spawner: what the server started that lives in another mount namespace, and stays. */
function findSpawner(serverPid: number): number {
  const server = namespaceOf(serverPid, "mnt");
  const found = treeOf(serverPid).find((pid) => namespaceOf(pid, "mnt") !== server);
  return found ?? serverPid;
}

const OF_ONE_JOB = ["--bundle", "--log", "--log-format", "--pid-file", "--preserve-fds", "--root"];
/** Without it the runtime ends with the container, as it does by itself. */
const DETACHED = "--detach";

/** The engine's own options of the runtime, but in the foreground and with a state folder of the floor's. Bundle and id come from the loop. */
function ownRuntime([runtime = "", ...options]: readonly string[], folder: string): string[] {
  const kept: string[] = [];
  for (let i = 0; i < options.length; i++) {
    const option = options[i] ?? "";
    if (OF_ONE_JOB.includes(option)) i++;
    else if (option !== DETACHED && !OF_ONE_JOB.some((name) => option.startsWith(`${name}=`)))
      kept.push(option);
  }
  return [runtime, "--root", join(folder, "state"), ...kept];
}
