import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { findLayout } from "../../src/engines/local/groups/layout.ts";
import { JobFolder } from "../../src/engines/local/jobs/job-folder.ts";
import type { SandboxMaker } from "../../src/engines/local/local-engine-options.ts";
import { cgroupNameOf } from "../support/cgroup-name.ts";
import { openEngineBench } from "../support/engine-bench.ts";
import { subject } from "../support/local-subject.ts";
import { until } from "../support/until.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: whether both makers make the same sandbox, because ${missing}`);

/** What a job prints of itself, each part under its own name. The addresses and times of one moment are left out. */
const SELF = String.raw`
part() { printf '\n== %s\n' "$1"; }
part ids; id; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups
part status; grep -vE '^(VmPeak|VmSize|VmRSS|VmHWM|Rss|VmData|VmStk|VmExe|VmLib|VmPTE|.*ctxt|Pid|Tgid|Ngid|PPid|NS|Threads|Mems|Cpus|SigQ)' /proc/self/status
part limits; cat /proc/self/limits
part mounts; cat /proc/self/mountinfo
part descriptors; ls /proc/self/fd
part devices; cd /dev; find . | sort | while read -r f; do stat -c '%n %A %u %g %t:%T %N' "$f"; done
part folders; stat -c '%n %A %u %g' / /proc /dev /dev/pts /dev/shm /tmp /work /usr /etc /root /var/tmp
part proc; ls /proc | grep -v '^[0-9]'
part masked; for f in acpi kcore keys key-users interrupts kallsyms timer_list pressure sysrq-trigger; do stat -c '%n %A %t:%T' /proc/$f; ls -A /proc/$f; done 2>/dev/null
part sysctl; find /proc/sys -type f -printf '%p %m %u\n' 2>/dev/null | sort
part writable; for f in /proc/sys/kernel/hostname /proc/sys/net/ipv4/ip_forward /proc/sys/vm/swappiness /proc/bus/x /proc/keys /usr/x /x /dev/x /dev/pts/x /dev/shm/x /tmp/x /work/x; do (echo x >$f) 2>/dev/null && echo $f; done
part network; ls -A /sys; cat /proc/net/route /proc/net/if_inet6 /proc/net/unix | wc -l; tr -s ' ' </proc/net/dev | cut -d: -f1
part host; uname -n; cat /proc/self/cgroup; umask; cat /proc/self/oom_score_adj /proc/self/personality; cat /proc/sysvipc/shm | wc -l
part environment; env; pwd
# Keyrings: the process's, its thread's, the session's, its user's; to find one, to look at it, to put something into it.
part keys; for ring in -1 -2 -3 -4 -5; do perl -e 'my ($r) = @ARGV;
  for ([250, 0, $r, 0], [250, 6, $r, 0, 0], [250, 11, $r, 0, 0], [248, "user", "left", "x", 1, $r], [249, "user", "left", "", $r]) {
    my @call = @$_; my $got = syscall($call[0], map { /^-?\d+$/ ? $_ + 0 : "$_" } @call[1 .. $#call]); print "$r $call[0] $call[1] $got ", $! + 0, "\n" }' -- $ring; done
part processes; echo /proc/[0-9]*; cat /proc/1/comm
printf '\n== end\n'; exec sleep 1000
`;

/** Of pid 1 as root of the host sees it. */
const FILES =
  "status limits uid_map gid_map setgroups cmdline personality oom_score_adj timerslack_ns attr/current loginuid coredump_filter".split(
    " ",
  );
/** Of `status` what no moment changes. */
const LASTING =
  /^(Name|Umask|[UG]id|Groups|Kthread|CoreDumping|THP_enabled|Sig(Blk|Ign|Cgt)|ShdPnd|Cap\w+|NoNewPrivs|Secc\w+|Specul\w+):/;
const NAMESPACES = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];

/** Which user namespace owns each of the others: NS_GET_USERNS. */
const OWNERS = `import fcntl, os, sys
for name in ("cgroup", "ipc", "mnt", "net", "pid", "uts", "user"):
    owner = fcntl.ioctl(os.open("/proc/%s/ns/%s" % (sys.argv[1], name), os.O_RDONLY), 0xb701)
    print(name, os.fstat(owner).st_ino == os.stat("/proc/%s/ns/user" % sys.argv[1]).st_ino, os.fstat(owner).st_ino == os.stat("/proc/self/ns/user").st_ino)
owner = os.open("/proc/%s/ns/user" % sys.argv[1], os.O_RDONLY)
import struct
uid = fcntl.ioctl(owner, 0xb704, struct.pack("I", 0))
print("user namespace is of", struct.unpack("I", uid)[0])`;

/** Numbers that are another's in each sandbox. */
function plain(text: string, root: string): string[] {
  const first = /uid=(\d{9,})/.exec(text)?.[1] ?? /^\s*0\s+(\d{9,})/m.exec(text)?.[1] ?? "none";
  return text
    .replaceAll(first, "FIRST")
    .replaceAll(String(Number(first) + 1000), "USER")
    .replaceAll(root, "ROOT")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
    .replaceAll(/\b0:\d+\b/g, "0:N")
    .split("\n");
}

interface Mount {
  /** What is mounted where. */
  what: string;
  /** What it may not be used for. */
  bars: string[];
}

/** By place. The source's own number and those of its owner say nothing. */
function mountsOf(lines: readonly string[]): Mount[] {
  const mounts = lines.filter(Boolean).map((line) => {
    const [, , device, root, at, options = "", , type, source, inner = ""] = line.split(" ");
    const bars = `${options},${inner}`
      .split(",")
      .filter((one) => ["ro", "nosuid", "nodev", "noexec"].includes(one));
    const size = inner.split(",").filter((one) => !["ro", "rw"].includes(one));
    return { what: [at, device, root, type, source, size].join(" "), bars };
  });
  return mounts.toSorted((a, b) => a.what.localeCompare(b.what));
}

/** Not every kernel has each of these files, nor lets it be read. */
function readNumbered(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

interface Look {
  parts: Record<string, string[]>;
  outside: Record<string, string[]>;
  namespaces: string[];
  /** Of another sandbox that stands at the same time: the kernel gives numbers of what is gone again. */
  besides: string[];
}

/** Of the sandbox of this job. */
function firstProcess(root: string, id: string): string {
  const group = new JobFolder(placesOf(join(root, "data")), id).facts()?.group ?? "";
  const { tracking } = findLayout(cgroupNameOf(root));
  const pids = readFileSync(join(tracking, group, "cgroup.procs"), "utf8")
    .trim()
    .split("\n");
  const isInit = (pid: string): boolean =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("/.init/init");
  return pids.find(isInit) ?? "0";
}

const namespacesOf = (pid: string): string[] =>
  NAMESPACES.map((name) => readlinkSync(`/proc/${pid}/ns/${name}`));

async function lookAt(sandboxMaker: SandboxMaker): Promise<Look> {
  await using bench = await openEngineBench({
    ...subject,
    open: (root) =>
      createLocalEngine({ dataDir: join(root, "data"), cgroupName: cgroupNameOf(root), sandboxMaker }),
  });
  const { root } = bench;
  // The first sandbox is the runtime's in any case where the probe has not told its list yet.
  await bench.run({ command: "true", args: [] });
  const launch = await bench.start({ command: "sh", args: ["-c", SELF] }, { env: { PATH: "/usr/bin:/bin" } });
  await until(() => bench.stdoutOf(launch).includes("== end"), { what: "the end of its look at itself" });
  const text = bench.stdoutOf(launch).toString();
  const folder = new JobFolder(placesOf(join(root, "data")), launch.id);
  const pid = firstProcess(root, launch.id);
  const beside = await bench.start({ command: "sleep", args: ["1000"] });
  const seen = (name: string): string => readNumbered(pid, name);
  const outside = Object.fromEntries(
    FILES.map((name) => [name, plain(`${seen("uid_map")}\n${seen(name)}`, root)]),
  );
  const shown = execFileSync("/usr/bin/python3", ["-c", OWNERS, pid], { encoding: "utf8" });
  outside["owners"] = plain(`${seen("uid_map")}\n${shown}`, root);
  outside["descriptors"] = readdirSync(`/proc/${pid}/fd`)
    .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/:\[.*|.*\//, ""))
    .toSorted();
  outside["status"] = outside["status"]?.filter((line) => LASTING.test(line)) ?? [];
  outside["paths"] = ["root", "cwd", "exe"].map((name) => readlinkSync(`/proc/${pid}/${name}`));
  const [namespaces, besides] = [namespacesOf(pid), namespacesOf(firstProcess(root, beside.id))];
  const made = readdirSync(folder.path).includes("sandbox") ? "berth" : "runtime";
  if (made !== sandboxMaker) throw new Error(`its sandbox was made by: ${made}`);
  for (const { handle } of [launch, beside]) await bench.engine.destroy(handle);
  const parts = text
    .split("\n== ")
    .slice(1)
    .map((part): [string, string[]] => {
      const [name = "", ...lines] = part.split("\n");
      return [name, plain(lines.join("\n"), root)];
    });
  return { parts: Object.fromEntries(parts), outside, namespaces, besides };
}

const has = (look: Look, name: string): string[] => look.parts[name] ?? [];

describe.skipIf(missing !== null)("a sandbox that berth-init makes", async () => {
  const [ours, theirs] = missing === null ? [await lookAt("berth"), await lookAt("runtime")] : [];
  const both = (): [Look, Look] => {
    if (!ours || !theirs) throw new Error("skipped");
    return [ours, theirs];
  };

  it.each(
    "ids status limits descriptors devices folders proc masked sysctl writable network host environment keys processes".split(
      " ",
    ),
  )("shows its job the same as the runtime's: %s", (name) => {
    const [own, other] = both();
    expect(has(own, name).length).toBeGreaterThan(1);
    expect(has(own, name)).toEqual(has(other, name));
  });

  it("lets no job near a keyring, be it of the host or of a job before", () => {
    const refused = (look: Look): string[] => has(look, "keys").filter((line) => line.endsWith(" -1 1"));
    for (const look of both()) expect(refused(look)).toHaveLength(25);
  });

  it("has the same mounts, with what is barred there barred at least", () => {
    const [own, other] = both();
    const [made, given] = [mountsOf(has(own, "mounts")), mountsOf(has(other, "mounts"))];
    expect(made.length).toBeGreaterThan(20);
    expect(made.map(({ what }) => what)).toEqual(given.map(({ what }) => what));
    for (const [n, { what, bars }] of made.entries())
      expect([what, bars]).toEqual([what, expect.arrayContaining(given[n]?.bars ?? ["nothing"])]);
  });

  it("is stricter where masks and what is sealed lie: nothing there can be executed or give an id", () => {
    const [own, other] = both();
    const bars = (look: Look): Map<string, string> =>
      new Map(
        mountsOf(has(look, "mounts")).map((mount) => [
          mount.what,
          [...new Set(mount.bars)].toSorted().join(),
        ]),
      );
    const stricter = [...bars(own)].filter(([what, barred]) => bars(other).get(what) !== barred);
    expect(
      stricter.filter(([what, barred]) => !what.startsWith("/proc/") || !/noexec,.*nosuid,ro/.test(barred)),
    ).toEqual([]);
  });

  it.each([...FILES, "owners", "descriptors", "paths"])(
    "has a pid 1 of which root sees the same: %s",
    (name) => {
      const [own, other] = both();
      expect(own.outside[name]).toEqual(other.outside[name]);
    },
  );

  it("shares no namespace with the host or another sandbox", () => {
    for (const { namespaces, besides } of both())
      expect(new Set([...namespaces, ...besides, ...namespacesOf("self")]).size).toBe(3 * NAMESPACES.length);
  });
});
