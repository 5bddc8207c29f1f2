import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { PrivateKeyPem } from "../../src/pki/keys.ts";
import { type ExecutorClient, executorClient } from "./executor-client.ts";
import type { Credentials } from "./grpc-bench.ts";
import { openServerBench, type ServerBench } from "./server-bench.ts";
import type { ServerProcess } from "./server-process.ts";

const run = promisify(execFile);
const script = resolve(import.meta.dirname, "../../../../scripts/generate-certs.sh");

/** The server as operators run it, on the real local engine, with gRPC and the certificates of `generate-certs.sh`. */
export interface CommandDoor extends AsyncDisposable {
  readonly bench: ServerBench;
  readonly server: ServerProcess;
  /** Of `localhost` and `127.0.0.1`. */
  readonly port: number;
  readonly certs: string;
  /** What a client of this name knows; the name is that of its files. */
  credentials(name: string): Promise<Required<Credentials>>;
  /** A client of ours with that certificate; it closes with the door. */
  client(name: string): Promise<ExecutorClient>;
}

export interface CommandDoorOptions {
  env?: Readonly<Record<string, string>>;
  /** Default `local`. */
  engine?: "local" | "fake";
  /** Called before the server starts, with the root folder of the test. */
  prepare?: (root: string) => Promise<void>;
}

export async function openCommandDoor({
  env = {},
  engine = "local",
  prepare = async () => undefined,
}: CommandDoorOptions = {}): Promise<CommandDoor> {
  await using opening = new AsyncDisposableStack();
  const bench = opening.use(openServerBench(engine));
  const certs = join(bench.root, "certs");
  await run(script, [certs]);
  await prepare(bench.root);
  const server = await bench.start({
    env: { BERTH_GRPC_ADDRESS: "127.0.0.1:0", BERTH_GRPC_CERTS: certs, ...env },
  });
  const port = server.grpcPort ?? 0;
  const text = (file: string): Promise<string> => readFile(join(certs, file), "utf8");
  const credentials = async (name: string): Promise<Required<Credentials>> => ({
    roots: await text("ca.crt"),
    pair: { key: new PrivateKeyPem(await text(`${name}.key`)), chainPem: await text(`${name}.crt`) },
  });
  const open = opening.move();
  return {
    bench,
    server,
    port,
    certs,
    credentials,
    client: async (name) => open.use(executorClient(port, await credentials(name))),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
