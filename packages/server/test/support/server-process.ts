import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ApiClient } from "./api-client.ts";
import { cgroupNameOf } from "./cgroup-name.ts";
import { coldWhereAsked } from "./cold-where-asked.ts";
import { asTested, crashPointArmer, launcher as ownLauncher } from "./launcher.ts";

export interface ServerProcessOptions {
  /** Below it lie the data folder and nothing else; its name is that of the control group too. */
  root: string;
  engine: "fake" | "local";
  /** Settings beside these, as environment variables. */
  env?: Readonly<Record<string, string>>;
  /** Default: that of what is tested. */
  launcher?: string;
  /** What the launcher is started with: a program that makes another world for it, and its arguments. */
  wrapper?: readonly string[];
  /** Kills itself when it comes to this step. */
  crashAt?: string;
}

/** The server as operators run it: the launcher, the environment, a folder, a port of its own choice. */
export class ServerProcess implements AsyncDisposable {
  readonly url: string;
  readonly api: ApiClient;
  /** Where gRPC listens; null unless `env` names a BERTH_GRPC_ADDRESS. */
  readonly grpcPort: number | null;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #messages: readonly string[];
  /** What it has printed for people so far, line by line. */
  readonly printed: readonly string[];

  private constructor(
    child: ChildProcess,
    {
      url,
      grpcPort,
      token,
      exited,
      printed,
      messages,
    }: {
      url: string;
      grpcPort: number | null;
      token: string;
      exited: Promise<unknown>;
      printed: readonly string[];
      messages: readonly string[];
    },
  ) {
    this.#child = child;
    this.printed = printed;
    this.url = url;
    this.grpcPort = grpcPort;
    this.api = new ApiClient({ url, token });
    this.#exited = exited;
    this.#messages = messages;
  }

  /** Resolves when it has said that it is ready; rejects with its messages when it ends before. */
  static async start({
    root,
    engine,
    env = {},
    launcher = ownLauncher,
    wrapper = [],
    crashAt,
  }: ServerProcessOptions): Promise<ServerProcess> {
    const dataDir = join(root, "data");
    const [program, ...args] = [...wrapper, launcher, "server"];
    const child = spawn(program, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"] ?? "/usr/bin:/bin",
        ...asTested,
        BERTH_DATA_DIR: dataDir,
        BERTH_HTTP_ADDRESS: "127.0.0.1:0",
        BERTH_GRPC_ADDRESS: "none",
        BERTH_ENGINE: engine,
        BERTH_CGROUP: cgroupNameOf(root),
        BERTH_LIMITS: "best-effort",
        ...(crashAt === undefined ? {} : { NODE_OPTIONS: `--import=${crashPointArmer}?at=${crashAt}` }),
        ...(engine === "local" && coldWhereAsked),
        ...env,
      },
    });
    const exited = once(child, "exit");
    const messages: string[] = [];
    child.stderr?.on("data", (chunk: Buffer) => messages.push(chunk.toString()));
    const listensOnGrpc = (env["BERTH_GRPC_ADDRESS"] ?? "none") !== "none";
    const printed: string[] = [];
    const ready = Promise.all([readyUrl(child, printed), listensOnGrpc ? startedGrpcPort(child) : null]);
    const [url, grpcPort] = await Promise.race([ready, exited.then(() => [null, null] as const)]);
    if (url === null) throw new Error(`Cannot start the server: it has ended\n${messages.join("")}`);
    // As the server sees it, which may have mounts of its own.
    const token = readFileSync(join(`/proc/${child.pid}/root`, dataDir, "admin-token"), "utf8").trim();
    return new ServerProcess(child, { url, grpcPort, token, exited, printed, messages });
  }

  /** Lines of its log. */
  get log(): string[] {
    return this.#messages.join("").split("\n");
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** How it ended: resolves at once when it has. */
  async exit(): Promise<{ code: number | null; signal: string | null }> {
    await this.#exited;
    return { code: this.#child.exitCode, signal: this.#child.signalCode };
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** SIGTERM, as a service manager says it. */
  async terminate(): Promise<{ code: number | null; signal: string | null }> {
    this.#child.kill("SIGTERM");
    return this.exit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

async function readyUrl(child: ChildProcess, printed: string[]): Promise<string | null> {
  if (!child.stdout) return null;
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve) => {
    lines.on("line", (line) => {
      printed.push(line);
      const url = /^Berth is ready at (http\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

/** As the server's log says it, in the line that it writes before it is ready. */
async function startedGrpcPort(child: ChildProcess): Promise<number | null> {
  if (!child.stderr) return null;
  const lines = createInterface({ input: child.stderr });
  return new Promise((resolve) => {
    lines.on("line", (line) => {
      const port = /"grpc":"[^"]*:(\d+)"/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}
