import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const tests = resolve(import.meta.dirname, "../grpc");
/** Debian's own: another Python on this host does not see Debian's packages. */
const python = "/usr/bin/python3";
const plugin = "/usr/bin/grpc_python_plugin";
const needed = [
  python,
  plugin,
  "/usr/bin/protoc",
  "/usr/include/google/protobuf/empty.proto",
  "/usr/lib/python3/dist-packages/grpc/__init__.py",
];

/** What the host lacks for `stockClient`; null when nothing. */
export function stockClientIsMissing(): string | null {
  const absent = needed.filter((path) => !existsSync(path));
  return absent.length === 0 ? null : `${absent.join(" and ")} cannot be found (scripts/install-host test)`;
}

interface StockAnswer {
  code: number | null;
  /** Standard output as it came. */
  bytes: Buffer;
  /** And as lines of JSON. */
  lines: Record<string, unknown>[];
}

/** A program that knows the original design and nothing of ours: Python, with code that protoc made. */
export interface StockClient {
  /** `name` is whose certificate it shows; the rest is as `executor.py` takes it. */
  call(name: string, ...args: string[]): Promise<StockAnswer>;
  /** The same, for whoever looks at it while it runs. It ends with the test's process at the latest. */
  begin(name: string, ...args: string[]): ChildProcess;
}

export interface StockClientOptions {
  /** Where the code is made. */
  folder: string;
  /** Like a folder of `generate-certs.sh`. */
  certs: string;
  /** Asked at each call. */
  target: () => string;
  /** The program, in `grpc/python`. Default `executor.py`. */
  script?: string;
  /** For the TLS library that it uses. */
  env?: Readonly<Record<string, string>>;
}

/** Makes the code that the client needs. */
export async function stockClient({
  folder,
  certs,
  target,
  script = "executor.py",
  env = {},
}: StockClientOptions): Promise<StockClient> {
  const stubs = join(folder, "stubs");
  await mkdir(stubs, { recursive: true });
  await copyFile(join(tests, "original.proto"), join(stubs, "executor.proto"));
  const out = [`--python_out=${stubs}`, `--grpc_python_out=${stubs}`];
  await run("/usr/bin/protoc", [
    `-I${stubs}`,
    ...out,
    `--plugin=protoc-gen-grpc_python=${plugin}`,
    "executor.proto",
  ]);
  const begin = (name: string, ...args: string[]): ChildProcess =>
    spawn(python, ["-B", join(tests, "python", script), target(), certs, name, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { PATH: "/usr/bin:/bin", PYTHONPATH: stubs, GRPC_VERBOSITY: "NONE", ...env },
    });
  const answer = async (child: ChildProcess): Promise<StockAnswer> => {
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(child, "close");
    const bytes = Buffer.concat(chunks);
    return {
      code: child.exitCode,
      bytes,
      get lines() {
        const lines = bytes.toString().split("\n");
        return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);
      },
    };
  };
  return { begin, call: (name, ...args) => answer(begin(name, ...args)) };
}
