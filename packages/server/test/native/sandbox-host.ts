import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "../support/temp-folder.ts";
import { sandboxConfig, sandboxRecipe } from "./sandbox-config.ts";

const firstId = 1_870_000_128;
const source = join(import.meta.dirname, "../../native");

/** Why no sandbox can be made here; null when one can. */
export function whyNoSandbox(): string | null {
  if (process.getuid?.() !== 0) return "it needs root";
  const missing = ["/usr/bin/crun", "/usr/bin/unshare", "/usr/bin/mkfifo"].find((path) => !existsSync(path));
  if (missing !== undefined) return `there is no ${missing}`;
  return compiler() === null ? "there is no compiler" : null;
}

function compiler(): string | null {
  return ["tcc", "gcc", "cc"].find((name) => existsSync(`/usr/bin/${name}`)) ?? null;
}

/** As an operator does it. */
function buildProgram(path: string): void {
  execFileSync(join(source, "build"), [path], { stdio: ["ignore", "pipe", "pipe"] });
}

/** The same with a C library around it, which watches over each access to memory and each sum. */
export function buildSanitized(path: string): void {
  const checks = [
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-static-libasan",
    "-static-libubsan",
  ];
  const folder = join(source, "src");
  const sources = readdirSync(folder).filter((name) => name.endsWith(".c"));
  const paths = sources.map((name) => join(folder, name));
  execFileSync("/usr/bin/gcc", ["-DHOSTED", "-g", "-O1", "-w", ...checks, "-o", path, ...paths]);
}

export interface HostedPlace {
  name: string;
  clear(): Promise<void>;
}

/** What a spawner does, as far as places need it: makes the view, then starts a shim per line. */
const loop = `
set -eu
view=$1 program=$2 user=$3
mount --bind "$view/jobs" "$view/sealed"
mount -o remount,bind,ro "$view/sealed"
mount -t tmpfs none /sys
mount -t tmpfs -o size=128k none "$view/small"
mkdir -p /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
# Where it has a network of its own: a user namespace for sandboxes that are made without the runtime.
if [ -n "$4" ]; then
  : >"$view/users"
  unshare --user sleep 60 & made=$!
  until [ "$(readlink /proc/$made/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do :; done
  echo "0 $4 65536" >/proc/$made/uid_map
  echo "0 $4 65536" >/proc/$made/gid_map
  mount --bind /proc/$made/ns/user "$view/users"
  kill -9 $made
fi
echo up
while read -r name; do
  "$program" shim "$name" "$view" "$user" /usr/bin/crun --root "$view/state" --cgroup-manager=disabled --log runtime.log \
    --log-format text run --detach --preserve-fds 1 --bundle . </dev/null >/dev/null &
done
`;

/** A folder with all that a shim needs but the places themselves, and a shell that starts shims. */
export class SandboxHost implements AsyncDisposable {
  readonly folder = tempFolder();
  readonly view = join(this.folder.path, "view");
  /** What all its jobs see as `/work`. */
  readonly work = join(this.view, "work");
  /** A folder with hardly any room, as the spawner sees it. */
  readonly small = join(this.view, "small");
  readonly program = join(this.folder.path, "berth-init");
  readonly #spawner: ChildProcess;
  readonly #places: HostedPlace[] = [];
  #made = 0;

  private constructor(program: (path: string) => void, isApart: boolean) {
    for (const name of ["jobs", "sealed", "state", "groups", "root", "work", "small"]) {
      mkdirSync(join(this.view, name), { recursive: true, mode: 0o711 });
    }
    const root = join(this.view, "root");
    // The runtime opens it as the job's root, who may be nobody to us.
    chmodSync(root, 0o755);
    chownSync(this.work, firstId + 1000, firstId + 1000);
    program(this.program);
    chmodSync(this.program, 0o755);
    for (const name of ["usr", "proc", "dev", "tmp", "work", "programs", ".init"])
      mkdirSync(join(root, name));
    for (const name of ["bin", "lib", "lib64", "sbin"]) symlinkSync(`usr/${name}`, join(root, name));
    copyFileSync(this.program, join(root, ".init/init"));
    chmodSync(join(root, ".init/init"), 0o711);
    const args = [this.view, this.program, String(firstId + 1000), isApart ? String(firstId) : ""];
    const unshare = [
      "--mount",
      ...(isApart ? ["--net"] : []),
      "--propagation",
      "private",
      "/bin/sh",
      "-c",
      loop,
      "native-test",
      ...args,
    ];
    this.#spawner = spawn("/usr/bin/unshare", unshare, { stdio: ["pipe", "pipe", "inherit"], cwd: "/" });
  }

  static async open(
    program: (path: string) => void = buildProgram,
    { isApart = false }: { isApart?: boolean } = {},
  ): Promise<SandboxHost> {
    const host = new SandboxHost(program, isApart);
    if (host.#spawner.stdout) await once(host.#spawner.stdout, "data");
    return host;
  }

  get config(): string {
    return sandboxConfig({ root: join(this.view, "root"), work: this.work, firstId });
  }

  /** What berth-init makes the same sandbox of by itself, where the host is apart. */
  get recipe(): Buffer {
    const users = join(this.view, "users");
    return sandboxRecipe({ root: join(this.view, "root"), work: this.work, firstId, users });
  }

  /** A file of the host that each sandbox sees as `/programs/NAME`. */
  programPath(name: string): string {
    return join(this.view, "root/programs", name);
  }

  /** A path as the spawner sees it, which has mounts of its own. */
  spawnerPath(path: string): string {
    return `/proc/${this.#spawner.pid}/root${path}`;
  }

  /** Runs a program in the network that the spawner has, which is its own where the host is apart. */
  run(...words: string[]): string {
    return execFileSync("/usr/bin/nsenter", [this.networkOption, ...words]).toString();
  }

  /** What nsenter takes to get there. */
  get networkOption(): string {
    return `--net=/proc/${this.#spawner.pid}/ns/net`;
  }

  newName(): string {
    this.#made += 1;
    return `place.test-${this.#made}`;
  }

  /** Starts the shim of a place whose folder is there. */
  shim(place: HostedPlace): void {
    this.#places.push(place);
    this.#spawner.stdin?.write(`${place.name}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#places.map((place) => place.clear()));
    const ended = once(this.#spawner, "exit");
    this.#spawner.stdin?.end();
    await ended;
    await this.folder[Symbol.asyncDispose]();
  }
}
