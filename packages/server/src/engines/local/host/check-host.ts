import { execFile } from "node:child_process";
import { accessSync, constants, readFileSync, statfsSync } from "node:fs";
import { promisify } from "node:util";
import type { Check, IsolationItem } from "@berth/protocol";
import type { Standby } from "../../engine.ts";
import type { Look } from "./sandbox-look.ts";
import type { JobGroups } from "../groups/job-groups.ts";
import { checkArchives, checkSources } from "./archive-tools.ts";
import { checkIsolation } from "./check-isolation.ts";
import { checkKernel } from "./check-kernel.ts";
import { checkSecrets } from "./check-secrets.ts";
import type { HostFacts } from "./host-facts.ts";
import { nativeProgram } from "./native-program.ts";
import type { RuntimeKind } from "./runtime-kind.ts";
import type { ChosenMaker } from "./sandbox-maker.ts";
import { ordinarily } from "../../../lib/turns/go-first.ts";

export interface CheckRequest {
  dataDir: string;
  runtime: string;
  kind: RuntimeKind;
  host: HostFacts;
  groups: JobGroups;
  warmSandboxes: number;
  standby: Standby;
  /** Who makes sandboxes, and why that one. */
  maker: ChosenMaker;
  /** What every job is to have, and what the kernel has shown of it; null where it was not looked at. */
  planned: readonly IsolationItem[];
  look: Look | null;
}

const run = promisify(execFile);
const ok = (name: string, detail: string): Check => ({ name, status: "ok", detail, fix: null });
const warning = (name: string, detail: string, fix: string): Check => ({
  name,
  status: "warning",
  detail,
  fix,
});
const missing = (name: string, detail: string, fix: string): Check => ({
  name,
  status: "missing",
  detail,
  fix,
});

/** What this host has of what the local engine needs, item by item. */
export async function checkHost(request: CheckRequest): Promise<Check[]> {
  return [
    ...(await checkRuntime(request)),
    checkInit(),
    checkProgram("unshare", "/usr/bin/unshare", "apt-get install util-linux"),
    checkProgram("setpriv", "/usr/bin/setpriv", "apt-get install util-linux"),
    checkPrivileges(),
    checkUserNamespaces(),
    checkCgroups(request.host),
    ...checkControllers(request.host),
    ...checkKernel(request.host.hardLimits),
    checkSecrets(request.host.release),
    checkDataFolder(request.dataDir),
    checkArchives(),
    checkSources(),
    showMaker(request),
    showStandby(request),
    ...checkIsolation(request.planned, request.look),
  ];
}

async function checkRuntime({ runtime, kind }: Pick<CheckRequest, "runtime" | "kind">): Promise<Check[]> {
  const program = checkProgram(
    "runtime",
    runtime,
    "apt-get install crun, or name another with BERTH_RUNTIME",
  );
  if (program.status !== "ok") return [program];
  if (!kind.passesDescriptors) {
    const why = `${runtime} hands no descriptor to a sandbox, by which its pid 1 hears of its job`;
    return [missing("runtime", why, "Name crun or runc with BERTH_RUNTIME")];
  }
  const text = await ordinarily(() => run(runtime, ["--version"], { timeout: 5000 })).then(
    ({ stdout }) => stdout,
    () => null,
  );
  if (text === null)
    return [missing("runtime", `${runtime} does not tell its version`, "Install a working OCI runtime")];
  const version = /version (\d+)\.(\d+)\S*/.exec(text);
  const [shown = "of unknown version", major = "0", minor = "0"] = version ?? [];
  const isOld = /crun/.test(text) && (Number(major) < 1 || (major === "1" && Number(minor) < 28));
  const detail = `${runtime} ${shown}`;
  return [
    isOld
      ? warning(
          "runtime",
          `${detail}: crun before 1.28 lacks two security fixes, unless the distribution has put them in`,
          "Keep the distribution's security updates on, or install crun 1.28 or newer",
        )
      : ok("runtime", detail),
    /SECCOMP/i.test(text)
      ? ok("seccomp", "the runtime filters system calls")
      : missing(
          "seccomp",
          "the runtime was built without system call filters",
          "Install a runtime with seccomp",
        ),
  ];
}

function checkInit(): Check {
  return checkProgram("init", nativeProgram(), "Build it with native/build, or install a release");
}

function showMaker({ maker: { maker, why }, runtime }: Pick<CheckRequest, "maker" | "runtime">): Check {
  const who = maker === "berth" ? "Berth's own program, without the runtime" : `the runtime, ${runtime}`;
  return ok("sandbox-maker", `${who}: ${why}`);
}

function showStandby({ warmSandboxes, standby }: Pick<CheckRequest, "warmSandboxes" | "standby">): Check {
  const { sandboxes, bytes } = standby;
  const each =
    bytes === null || sandboxes === 0 ? "" : `, ${(bytes / sandboxes / 2 ** 20).toFixed(1)} MiB each`;
  const none = "none: each is made when its job comes (BERTH_WARM_SANDBOXES is 0)";
  const some = `${sandboxes} stand ready${each}; at most ${warmSandboxes}`;
  return ok("warm-sandboxes", warmSandboxes === 0 ? none : some);
}

function checkProgram(name: string, path: string, fix: string): Check {
  try {
    accessSync(path, constants.X_OK);
    return ok(name, path);
  } catch {
    return missing(name, `${path} is not there or cannot be executed`, fix);
  }
}

function checkPrivileges(): Check {
  return process.getuid?.() === 0
    ? ok("privileges", "runs as root")
    : missing(
        "privileges",
        "does not run as root: it can make no control groups and no user namespaces for others",
        "Run the server as root",
      );
}

function checkUserNamespaces(): Check {
  const most = readNumber("/proc/sys/user/max_user_namespaces");
  return most === 0
    ? missing("user-namespaces", "forbidden on this host", "sysctl user.max_user_namespaces=15000")
    : ok("user-namespaces", most === null ? "allowed" : `allowed, at most ${most}`);
}

const VERSION_2 = "Boot with systemd.unified_cgroup_hierarchy=1";

function checkCgroups({ layout }: HostFacts): Check {
  switch (layout.mode) {
    case "v2":
      return ok("cgroups", `version 2, jobs in ${layout.tracking}`);
    case "hybrid":
      return warning(
        "cgroups",
        `hybrid: versions 1 and 2 side by side, jobs in ${layout.tracking}`,
        VERSION_2,
      );
    case "none":
      return missing(
        "cgroups",
        "no version 2 hierarchy is mounted: a job's processes cannot be tracked",
        VERSION_2,
      );
    default:
      return layout.mode satisfies never;
  }
}

function checkControllers({ layout, devices }: HostFacts): Check[] {
  const row = (name: string, at: unknown): Check =>
    at === null
      ? warning(`${name}-limits`, "not enforceable here", VERSION_2)
      : ok(`${name}-limits`, "enforceable");
  const io =
    layout.io !== null && devices.length === 0
      ? warning(
          "io-limits",
          "the data folder lies on no block device",
          "Put the data folder on a disk of its own",
        )
      : row("io", layout.io);
  return [row("cpu", layout.cpu), row("memory", layout.memory), row("pids", layout.pids), io];
}

const FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0xef53, "ext4"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x01021994, "tmpfs"],
  [0x794c7630, "overlay"],
  [0x6969, "nfs"],
]);

function checkDataFolder(dataDir: string): Check {
  const { type, bavail, bsize } = statfsSync(dataDir);
  const name = FILE_SYSTEMS.get(type) ?? `file system 0x${type.toString(16)}`;
  const detail = `${dataDir} on ${name}, ${Math.round((bavail * bsize) / 2 ** 30)} GiB free`;
  if (name === "tmpfs")
    return warning(
      "data-folder",
      `${detail}: gone after a restart of the host`,
      "Put the data folder on a disk",
    );
  if (name === "nfs")
    return warning(
      "data-folder",
      `${detail}: growth of output is not announced there`,
      "Put the data folder on a local disk",
    );
  return bavail * bsize < 2 ** 30
    ? warning("data-folder", detail, "Make room on the data disk")
    : ok("data-folder", detail);
}

function readNumber(path: string): number | null {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
