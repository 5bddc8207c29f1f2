import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { DatabaseUrl } from "../../src/core/database-address.ts";
import { patiently } from "./patience.ts";
import { tempFolder } from "./temp-folder.ts";
import { until } from "./until.ts";

const run = promisify(execFile);

/** Debian keeps each version in a folder of its own. */
const versions = "/usr/lib/postgresql";
const isRoot = process.getuid?.() === 0;
/** PostgreSQL refuses to run as root: then it is nobody's, who owns nothing else. */
const nobody = 65_534;

/** Beside what tests keep of one run for the next. */
const keptClusters = resolve(import.meta.dirname, "../../../../node_modules/.cache/berth-tests");

function programs(): string | null {
  const found = existsSync(versions) ? readdirSync(versions).filter((name) => Number(name) >= 15) : [];
  const bin = join(versions, found.toSorted().at(-1) ?? "", "bin");
  return existsSync(join(bin, "initdb")) ? bin : null;
}

/** What this host lacks to run PostgreSQL; null when it can. */
export function postgresIsMissing(): string | null {
  if (programs() !== null) return null;
  return `there is no PostgreSQL 15 or newer below ${versions}: scripts/install-host test installs it`;
}

export interface PostgresOptions {
  /** Settings beside these. */
  settings?: Readonly<Record<string, string>>;
  /** The folder of its files; default a temporary one, which goes with it. */
  folder?: string;
}

/** A PostgreSQL server of the test's own, on a socket in a temporary folder. It dies with whoever started it. */
export class Postgres implements AsyncDisposable {
  readonly #folder: { readonly path: string } & AsyncDisposable;
  readonly #settings: Readonly<Record<string, string>>;
  #exited: Promise<unknown> = Promise.resolve();
  #isUp = false;
  #pid = 0;
  #databases = 0;

  private constructor(
    folder: { readonly path: string } & AsyncDisposable,
    settings: PostgresOptions["settings"],
  ) {
    this.#folder = folder;
    this.#settings = settings ?? {};
  }

  /** A new one, whose language sorts text otherwise than byte by byte, as those of most installations do. */
  static async start({ settings, folder }: PostgresOptions = {}): Promise<Postgres> {
    const place =
      folder === undefined ? tempFolder() : { path: folder, [Symbol.asyncDispose]: () => Promise.resolve() };
    const server = new Postgres(place, settings);
    const data = server.#data;
    mkdirSync(server.socket);
    if (isRoot) chownSync(server.socket, nobody, nobody);
    await copyCluster(data);
    await server.up();
    return server;
  }

  /** Where its socket lies. */
  get socket(): string {
    return join(this.#folder.path, "socket");
  }

  get pid(): number {
    return this.#pid;
  }

  get #data(): string {
    return join(this.#folder.path, "data");
  }

  /** Starts it, after `down` or `kill`; resolves when it takes connections. */
  async up(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = {
      listen_addresses: "",
      unix_socket_directories: this.socket,
      // Nothing here outlives the host: a kill of the server loses nothing that it wrote.
      fsync: "off",
      max_connections: "40",
      shared_buffers: "16MB",
      autovacuum: "off",
      ...this.#settings,
      ...settings,
    };
    const words = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const [program = "", ...rest] = unprivileged("postgres", ["-D", this.#data, ...words]);
    const child = spawn(program, rest, { cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
    const said: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    this.#exited = once(child, "exit");
    this.#pid = child.pid ?? 0;
    this.#isUp = true;
    void this.#exited.then(() => (this.#isUp = false));
    const isUp = async (): Promise<boolean> => {
      if (!this.#isUp) throw new Error(`Cannot start PostgreSQL: ${Buffer.concat(said).toString()}`);
      return await this.query("postgres", "SELECT 1").then(
        () => true,
        () => false,
      );
    };
    await until(isUp, { what: "PostgreSQL" });
  }

  /** As an administrator does: `fast` ends all connections, `immediate` the server too, as by a power loss. */
  async down(how: "fast" | "immediate" = "fast"): Promise<void> {
    process.kill(this.#pid, how === "fast" ? "SIGINT" : "SIGQUIT");
    await this.#exited;
  }

  /** What it is from the next start on: the copy of a server that is gone, until somebody promotes it. */
  makeStandby(): void {
    writeFileSync(join(this.#data, "standby.signal"), "");
    if (isRoot) chownSync(join(this.#data, "standby.signal"), nobody, nobody);
  }

  /** Makes an empty database, on a server that is up and writes, whatever a test that failed has left it as. */
  async database(): Promise<DatabaseUrl> {
    if (!this.#isUp) await this.up();
    const [found] = await this.query("postgres", "SELECT pg_is_in_recovery() AS is_standby");
    if (found?.["is_standby"] === true) await this.query("postgres", "SELECT pg_promote()");
    const name = `test_${(this.#databases += 1)}`;
    await this.query("postgres", `CREATE DATABASE ${name}`);
    return this.urlOf(name);
  }

  /** The one that was made last. */
  get lastDatabase(): string {
    return `test_${this.#databases}`;
  }

  urlOf(name: string): DatabaseUrl {
    const url = DatabaseUrl.parse(`postgres://admin@/${name}?host=${this.socket}`);
    if (url === null) throw new Error(`Cannot make a URL for database "${name}"`);
    return url;
  }

  /** As an administrator, on a connection of its own. */
  async query(database: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new Client({
      connectionString: this.urlOf(database).reveal(),
      // Against hanging: a server that is busy beside much else takes seconds to begin with one.
      connectionTimeoutMillis: patiently(60_000),
    });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      process.kill(this.#pid, "SIGQUIT");
    } catch {
      // It was down already.
    }
    await this.#exited;
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** By a launcher that has it ended when the test is. */
function unprivileged(program: string, words: readonly string[]): string[] {
  const path = join(programs() ?? "", program);
  const user = isRoot ? ["--reuid", String(nobody), "--regid", String(nobody), "--clear-groups"] : [];
  return ["setpriv", "--pdeathsig", "QUIT", ...user, "--", path, ...words];
}

/** An empty cluster at `data`. To make one takes a second of CPU: it is made once for all tests and then copied. */
async function copyCluster(data: string): Promise<void> {
  const version = basename(dirname(programs() ?? ""));
  const kept = join(keptClusters, `postgres-${version}-${isRoot ? nobody : userInfo().uid}`);
  if (!existsSync(kept)) await makeCluster(kept);
  await run("cp", ["-a", kept, data]);
}

/** At once: others may make theirs meanwhile, and the first one stays. */
async function makeCluster(kept: string): Promise<void> {
  await using folder = tempFolder();
  const data = join(folder.path, "data");
  mkdirSync(data, { mode: 0o700 });
  if (isRoot) chownSync(data, nobody, nobody);
  const words = ["-D", data, "-U", "admin", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"];
  const language = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"];
  const [program = "", ...rest] = unprivileged("initdb", [...words, ...language]);
  await run(program, rest, { cwd: "/" });
  const beside = `${kept}.${process.pid}`;
  mkdirSync(dirname(kept), { recursive: true });
  await run("cp", ["-a", data, beside]);
  try {
    renameSync(beside, kept);
  } catch {
    rmSync(beside, { recursive: true });
  }
}
