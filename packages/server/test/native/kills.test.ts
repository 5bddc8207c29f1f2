import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { patiently } from "../support/patience.ts";
import { until } from "../support/until.ts";
import { NativePlace } from "./native-place.ts";
import { endOf } from "./read-index.ts";
import { SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const missing = whyNoSandbox();
if (missing !== null) console.log(`SKIPPED: jobs that are killed while they write, because ${missing}`);
const host = missing === null ? await SandboxHost.open() : null;
afterAll(() => host?.[Symbol.asyncDispose]());

/** BERTH_TEST_ROUNDS=1000 for as many as one likes. */
const rounds = Number(process.env["BERTH_TEST_ROUNDS"] ?? 48);
const pattern = randomBytes(65_521);
const largest = 100_000;
/** It only waits from there on: on a slow host it may be long until it is killed, and a test holds all of it in memory. */
const mostBytes = 300 * 2 ** 20;

/**
 * Writes pieces of a known pattern to both streams, and notes after each what was taken. Every other one writes as much as it
 * can to one of them: pid 1 is then killed in the middle of its work, whenever that is.
 */
const writer = String.raw`
my ($seed, $most, $ack) = @ARGV; srand $seed; my @done = (0, 0);
open P, '<', '/programs/pattern'; my $p = do { local $/; <P> }; $p x= 4;
open A, '+>', "/work/$ack"; my @to = (\*STDOUT, \*STDERR);
for (1..$most) {
  my $n = rand() < 0.3; my $size = 1 + int rand(rand() < 0.7 ? 40 : rand() < 0.8 ? 5000 : ${largest});
  ($n, $size) = (0, ${largest}) if $seed % 2;
  my $at = $done[$n] % 65521; my $left = $size;
  while ($left) { my $w = syswrite $to[$n], $p, $left, $at + $size - $left; die unless defined $w; $left -= $w; $done[$n] += $w;
    sysseek A, 0, 0; syswrite A, pack 'QQ', @done; }
  sleep 600 if $done[0] + $done[1] > ${mostBytes};
  select undef, undef, undef, rand 0.002 if rand() < 0.05 and not $seed % 2;
}
`;

type Way = "exit" | "kill pid 1" | "kill main" | "term" | "kill pid 1 over the limit";
const ways: readonly Way[] = ["kill pid 1", "kill main", "kill pid 1 over the limit", "term", "exit"];

interface Outcome {
  acked: [number, number];
  bytes: [Buffer, Buffer];
  index: [number, number];
  stored: [number, number];
  dropped: [number, number];
  limit: number;
}

async function round(seed: number, way: Way): Promise<Outcome> {
  if (!host) throw new Error("skipped");
  const place = new NativePlace(host);
  place.send("warm\n");
  await place.hears("r");
  const { pid } = place;
  const limit = way.endsWith("limit") ? 1 + (seed % 7) * 30_011 : Number.MAX_SAFE_INTEGER;
  const most = way === "exit" ? 60 : 1_000_000;
  const ack = `ack.${seed}`;
  place.give({ argv: ["/usr/bin/perl", "-e", writer, String(seed), String(most), ack], limit });
  await place.hears("s");
  if (way !== "exit") await delay((seed * 37) % 60);
  if (way.startsWith("kill pid 1")) process.kill(pid, "SIGKILL");
  if (way === "term") place.send("term\n");
  if (way === "kill main")
    process.kill(await until(() => mainOf(pid), { what: "the main process" }), "SIGKILL");
  const { init, shim } = await place.ended();
  const noted = readAck(join(host.work, ack));
  const outcome = {
    acked: noted,
    bytes: [place.read("out"), place.read("err")] as [Buffer, Buffer],
    index: endOf(place.read("index")),
    stored: shim.stored,
    dropped: [init.dropped[0] + shim.dropped[0], init.dropped[1] + shim.dropped[1]] as [number, number],
    limit,
  };
  rmSync(place.folder, { recursive: true });
  rmSync(join(host.work, ack), { force: true });
  return outcome;
}

/** null as long as pid 1 has made none. */
function mainOf(pid: number): number | null {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim()) || null;
}

/** What the writer knows to be written: nothing where it had not come so far. */
function readAck(path: string): [number, number] {
  try {
    const bytes = readFileSync(path);
    return bytes.length < 16 ? [0, 0] : [Number(bytes.readBigUInt64LE(0)), Number(bytes.readBigUInt64LE(8))];
  } catch {
    return [0, 0];
  }
}

/** What is wrong with one stream; null when nothing is. */
function fault(outcome: Outcome, n: 0 | 1): string | null {
  const { limit } = outcome;
  const [bytes, acked] = [outcome.bytes[n], outcome.acked[n]];
  const [stored, dropped] = [outcome.stored[n], outcome.dropped[n]];
  if (bytes.length !== stored || outcome.index[n] !== stored)
    return `a file of ${bytes.length} with an index up to ${outcome.index[n]} and a note of ${stored}`;
  if (stored < Math.min(acked, limit)) return `${stored} stored of ${acked} written`;
  if (stored > Math.min(acked + largest, limit))
    return `${stored} stored of ${acked} written, limit ${limit}`;
  if (dropped > 0 && stored !== limit) return `${dropped} dropped with ${stored} stored`;
  const wanted = Buffer.alloc(bytes.length);
  for (let at = 0; at < wanted.length; at += pattern.length) pattern.copy(wanted, at);
  return bytes.equals(wanted) ? null : "other bytes than were written";
}

describe.skipIf(host === null)("what a job wrote before it was killed", () => {
  beforeAll(() => writeFileSync(host?.programPath("pattern") ?? "", pattern, { mode: 0o644 }));

  it(`is all there, once, and in the index: ${rounds} rounds`, {
    timeout: patiently(300_000 + rounds * 2000),
  }, async () => {
    const faults: string[] = [];
    const written = [0, 0];
    for (let first = 0; first < rounds; first += 4) {
      const seeds = [0, 1, 2, 3].map((n) => first + n).filter((seed) => seed < rounds);
      await Promise.all(
        seeds.map(async (seed) => {
          const way = ways[seed % ways.length] ?? "exit";
          const outcome = await round(seed, way);
          written[0] = (written[0] ?? 0) + outcome.stored[0];
          written[1] = (written[1] ?? 0) + outcome.stored[1];
          const found = ([0, 1] as const).map((n) => fault(outcome, n)).filter((one) => one !== null);
          faults.push(...found.map((one) => `round ${seed}, ${way}: ${one}`));
        }),
      );
    }
    expect(faults).toEqual([]);
    expect(Math.min(...written)).toBeGreaterThan(0);
  });
});
