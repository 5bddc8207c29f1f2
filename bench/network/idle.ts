import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createLocalEngine } from "../../packages/server/src/engines/local/engine.ts";
import { grantOf, internetRules } from "../../packages/server/src/core/network/profile.ts";
import { plainSurroundings } from "../../packages/server/src/core/stages/surroundings.ts";
import { launchOn } from "../../packages/server/test/support/engine-bench.ts";
import { treeOf } from "../measure/processes.ts";
import type { Row } from "../measure/row.ts";
import type { Played } from "./jobs.ts";

const NAMESPACES = 500;
const MIB = 2 ** 20;
const SETTLE_MS = 2000;

/**
 * What 500 places with a network take of the kernel and of the server beyond as many without one, which have no network
 * namespace before a sandbox is made there. The floor: as many bare namespaces, in which there is nothing.
 */
export async function measureIdle({ folder, scale }: Played): Promise<Row[]> {
  // Of fewer little would be seen beside all else that a kernel does.
  const count = Math.ceil(NAMESPACES * Math.max(scale, 0.5));
  const toAll = NAMESPACES / count / MIB;
  const floor = await bareBytes(count);
  const dataDir = join(folder, "idle");
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const before = await settled();
  const cgroupName = `berth-bench-${process.pid}-idle`;
  await using engine = await createLocalEngine({ dataDir, cgroupName, ownsGroups: true, sparePlaces: count });
  const plain = await settled();
  const network = grantOf("internet", { rules: internetRules, observe: false });
  const line = { command: "/bin/true", args: [] };
  const launch = launchOn(engine, { line, overrides: { ...plainSurroundings, network }, root: folder });
  await engine.start(launch, AbortSignal.timeout(60_000));
  await engine.wait(launch.handle, AbortSignal.timeout(60_000));
  await engine.destroy(launch.handle);
  const networked = await settled();
  const links = execFileSync("/usr/sbin/ip", ["-o", "link", "show", "type", "veth"], { encoding: "utf8" });
  const made = links.split("\n").filter((link) => /^\d+: b[^g]/.test(link)).length;
  if (made < count) throw new Error(`Only ${made} of ${count} places have a network`);
  const row = (what: string, bytes: number, bare: number | null): Row => ({
    what: `${NAMESPACES} idle network namespaces${what}`,
    unit: "MiB",
    berth: bytes * toAll,
    floor: bare === null ? null : bare * toAll,
    goal: bare === null ? { kind: "none" } : { kind: "value", atMost: 100 },
  });
  // What a place takes without a network is no namespace's: its process, its folder, its groups.
  const kernel = networked.kernel - plain.kernel - (plain.kernel - before.kernel);
  return [
    row(" with their links, in the kernel, against bare namespaces", kernel, floor),
    row(", in the server, with the places that have them", networked.own - plain.own, null),
  ];
}

const hold = String.raw`my @held; $| = 1;
for (1 .. shift) { syscall(272, 0x40000000) and die "unshare: $!"; open(my $n, '<', '/proc/self/ns/net') or die; push @held, $n }
print "up\n"; <STDIN>;`;

async function bareBytes(count: number): Promise<number> {
  const before = await settled();
  const child = spawn("/usr/bin/perl", ["-e", hold, String(count)], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const held = (await settled()).kernel - before.kernel;
  const ended = once(child, "exit");
  child.stdin.end();
  await ended;
  return held;
}

/** Bytes that the kernel and this process hold, when nothing is being made any more. */
async function settled(): Promise<{ kernel: number; own: number }> {
  for (let last = -1; ; ) {
    const now = treeOf(process.pid).length;
    await pause(SETTLE_MS);
    if (now === last && treeOf(process.pid).length === now) break;
    last = now;
  }
  globalThis.gc?.();
  return { kernel: kernelBytes(), own: process.memoryUsage.rss() };
}

/** Of all that the kernel counts what namespaces and links are made of; what it could give back is not among it. */
function kernelBytes(): number {
  const meminfo = readFileSync("/proc/meminfo", "utf8");
  const kib = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(meminfo)?.[1] ?? 0);
  return 1024 * ["Slab", "Percpu", "VmallocUsed"].reduce((sum, key) => sum + kib(key), 0);
}
