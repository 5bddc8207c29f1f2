import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { Client } from "./client.ts";
import { freePort } from "./free-port.ts";
import { CpuGroup, removeServerGroups } from "./cpu-group.ts";

const LAUNCHER = join(import.meta.dirname, "../../bin/berth");
const READY = /ready at (\S+)/;

/** A real server in a control group of its own, on a free port and an own data folder. */
export interface BenchServer extends AsyncDisposable {
  pid: number;
  /** What the benchmark may fill; gone at its end. */
  folder: string;
  /** 0 when it speaks no gRPC. */
  grpcPort: number;
  dataDir: string;
  /** For programs other than `client`. */
  url: string;
  token: string;
  client: Client;
  cpu: CpuGroup;
}

export async function startServer(
  folder: string,
  options: { name?: string; grpcCerts?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<BenchServer> {
  const grpcPort = options.grpcCerts === undefined ? 0 : await freePort();
  const grpc =
    options.grpcCerts === undefined
      ? { BERTH_GRPC_ADDRESS: "127.0.0.1:0" }
      : { BERTH_GRPC_ADDRESS: `localhost:${grpcPort}`, BERTH_GRPC_CERTS: options.grpcCerts };
  const dataDir = join(folder, "data");
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const cgroup = `berth-bench-${process.pid}-${options.name ?? "main"}`;
  const cpu = new CpuGroup(`${cgroup}-server`, { alsoCount: [cgroup] });
  const log = openSync(join(folder, "server.log"), "a");
  const [program, ...args] = cpu.wrap([LAUNCHER, "server"]);
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", log],
    env: {
      PATH: process.env["PATH"],
      BERTH_DATA_DIR: dataDir,
      BERTH_CGROUP: cgroup,
      ...settings,
      ...grpc,
      ...options.env,
    },
  });
  closeSync(log);
  const ended = once(child, "exit");
  try {
    const url = await Promise.race([readyUrl(child.stdout), ended.then(() => null)]);
    if (url === null)
      throw new Error(`The server did not start: ${readFileSync(join(folder, "server.log"), "utf8")}`);
    const token = readFileSync(join(dataDir, "admin-token"), "utf8").trim();
    const client = new Client({ url, token });
    return {
      pid: child.pid ?? 0,
      folder,
      grpcPort,
      dataDir,
      url,
      token,
      client,
      cpu,
      async [Symbol.asyncDispose]() {
        client[Symbol.dispose]();
        child.kill("SIGTERM");
        await ended;
        cpu[Symbol.dispose]();
        removeServerGroups(cgroup);
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

const settings = {
  BERTH_HTTP_ADDRESS: "127.0.0.1:0",
  BERTH_MAX_JOBS: "128",
  BERTH_LOG_LEVEL: "warn",
};

async function readyUrl(stdout: Readable | null): Promise<string | null> {
  if (stdout === null) return null;
  for await (const line of createInterface({ input: stdout })) {
    const url = READY.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  return null;
}
