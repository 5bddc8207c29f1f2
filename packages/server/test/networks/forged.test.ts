import { afterAll, afterEach, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { datagram, frameOf, segment } from "./frames.ts";
import { letAllThrough, sendFrames } from "./link-sender.ts";
import { GATEWAY, PlayNetwork, type PlayPlace, rulesOf, TABLE, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null)
  console.log(`SKIPPED: what a job's link lets through of forged packets, because ${missing}`);

const RATE = 100_000;
const play =
  missing === null
    ? await PlayNetwork.open({
        world: ["11.0.0.1", "10.0.0.5", "2a00:2::1"],
        ports: [80],
        profiles: [
          rulesOf("internet", { isPublic: true }),
          rulesOf("slow", { isPublic: true, rate: RATE }),
          rulesOf("few", { isPublic: true, connections: 3 }),
        ],
      })
    : null;
afterAll(() => play?.[Symbol.asyncDispose]());
afterEach(() => {
  play?.load();
});

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};

/** What leaves this host of what jobs have sent, packets and bytes, and what comes to its resolver: tables of the tester. */
const LOOK = `table inet look {
  counter left { }
  counter asked { }
  chain forward {
    type filter hook forward priority 300; policy accept;
    oifname "up0" counter name left
  }
  chain input {
    type filter hook input priority 300; policy accept;
    udp dport 5399 counter name asked
  }
}`;
if (play) {
  letAllThrough(play);
  play.nft(LOOK);
}

function counted(name: "left" | "asked"): { packets: number; bytes: number } {
  const shown = lab().nft("list", "counter", "inet", "look", name);
  const [, packets, bytes] = /packets (\d+) bytes (\d+)/.exec(shown) ?? [];
  return { packets: Number(packets), bytes: Number(bytes) };
}

/** How many packets get out of those, before one that always does. */
async function leaving(place: PlayPlace, frames: readonly Buffer[]): Promise<number> {
  const before = counted("left").packets;
  const plain = frameOf({ from: place.address4, to: "11.0.0.1" });
  sendFrames(place, [...frames, plain]);
  await until(() => counted("left").packets > before, { what: "the last packet" });
  return counted("left").packets - before - 1;
}

const GRE = 47;
const SYN_FIN = 3;

describe.skipIf(play === null)("of what a job's link sends", () => {
  it.each<{ comment: string; packet: (place: PlayPlace) => Parameters<typeof frameOf>[0] }>([
    { comment: "a forged source", packet: () => ({ from: "10.0.0.9", to: "11.0.0.1" }) },
    { comment: "a forged source", packet: () => ({ from: "2a00:dead::1", to: "2a00:2::1" }) },
    {
      comment: "of no connection",
      packet: ({ address4: from }) => ({
        from,
        to: "11.0.0.1",
        protocol: 6,
        payload: segment({ from, to: "11.0.0.1", flags: SYN_FIN }),
      }),
    },
    {
      comment: "another protocol",
      packet: ({ address4: from }) => ({ from, to: "11.0.0.1", protocol: GRE, payload: Buffer.alloc(8) }),
    },
  ])("nothing leaves by the rule `$comment`, and would without it", async ({ comment, packet }) => {
    const place = await lab().place("internet");
    const frames = [frameOf(packet(place))];
    expect(await leaving(place, frames)).toBe(0);
    expect(lab().removeRule(comment)).toBe(true);
    expect(await leaving(place, frames)).toBe(1);
    await place.place.clear();
  });

  it("raw packets are none that a job can make", async () => {
    const { place } = await lab().place("internet");
    const tries = [
      [2, 3, 1],
      [2, 2, 1],
      [10, 3, 58],
      [17, 3, 0],
      [17, 2, 0],
    ].map(
      (words) =>
        `print socket(my $s, ${words.join(", ")}) ? "made" : $!{EPERM} || $!{EACCES} ? "refused" : "$!", " ";`,
    );
    place.give({ argv: ["/usr/bin/perl", "-e", `use Errno; ${tries.join(" ")}`] });
    await place.ended();
    expect(place.read("out").toString()).toBe("refused refused refused refused refused ");
  });

  it("no more connections are made at once than the profile has", async () => {
    const script = String.raw`
use Socket; my @open;
sub one { socket(my $s, AF_INET, SOCK_STREAM, 0) or die; connect($s, pack_sockaddr_in(80, inet_aton('11.0.0.1'))) ? do { push @open, $s; 'made' } : 'refused' }
print join ' ', map { one() } 1 .. 5;`;
    const made = async (): Promise<string> => {
      const { place } = await lab().place("few");
      place.give({ argv: ["/usr/bin/perl", "-e", script] });
      await place.ended();
      return place.read("out").toString();
    };
    expect(await made()).toBe("made made made refused refused");
    expect(lab().removeRule("too many connections")).toBe(true);
    expect(await made()).toBe("made made made made made");
  });

  it("more than the rate does not get out", async () => {
    const times = 3000;
    const bytesOut = (): { bytes: number; most: number } => {
      const before = counted("left").bytes;
      const seconds = sendFrames(
        place,
        [frameOf({ from, to: "11.0.0.1", payload: datagram({ from, to: "11.0.0.1", size: 1000 }) })],
        times,
      );
      return { bytes: counted("left").bytes - before, most: 65_536 + RATE * (seconds + 1) };
    };
    const place = await lab().place("slow");
    const { address4: from, name } = place;
    lab().nft(`add element inet ${TABLE} upward { "${name}" : jump slow_up }`);
    const held = bytesOut();
    expect(held.bytes).toBeGreaterThan(20_000);
    expect(held.bytes).toBeLessThan(held.most);
    expect(lab().removeRule("more than may go out")).toBe(true);
    const free = bytesOut();
    expect(free.bytes).toBeGreaterThan(held.most);
    await place.place.clear();
  });

  it("more than the rate does not come in", async () => {
    // The world answers a number with so many datagrams of 1000 bytes, and one that is the last.
    const script = String.raw`
use Socket; use Time::HiRes 'time'; my $begin = time;
socket(my $s, AF_INET, SOCK_DGRAM, 0) or die; setsockopt($s, SOL_SOCKET, SO_RCVBUF, 8 << 20);
send($s, '3000', 0, pack_sockaddr_in(80, inet_aton('11.0.0.1'))) or die; my $got = 0; my $last = time;
while ($got < 3_000_000) { my $bits = ''; vec($bits, fileno($s), 1) = 1; last if select($bits, undef, undef, $ARGV[0]) <= 0; recv($s, my $data, 2000, 0); $got += length $data; $last = time }
print "$got ", $last - $begin;`;
    const bytesIn = async (isHeld: boolean): Promise<{ bytes: number; most: number }> => {
      const { place, name } = await lab().place("slow");
      if (isHeld) lab().nft(`add element inet ${TABLE} downward { "${name}" : jump slow_down }`);
      // It ends after a silence: one that is taken too early for the end makes less of what came through.
      place.give({ argv: ["/usr/bin/perl", "-e", script, isHeld ? "0.5" : "5"] });
      await place.ended();
      const [bytes = 0, seconds = 0] = place.read("out").toString().split(" ").map(Number);
      return { bytes, most: 65_536 + RATE * (seconds + 1) };
    };
    const held = await bytesIn(true);
    expect(held.bytes).toBeGreaterThan(20_000);
    expect(held.bytes).toBeLessThan(held.most);
    const free = await bytesIn(false);
    expect(free.bytes).toBeGreaterThan(held.most);
  });

  it("no more questions come to the resolver than it can bear, also over one socket that was answered", async () => {
    const place = await lab().place("internet");
    const { address4: from } = place;
    const question = [frameOf({ from, to: GATEWAY, payload: datagram({ from, to: GATEWAY, port: 53 }) })];
    const flood = (): { packets: number; most: number } => {
      const before = counted("asked").packets;
      const seconds = sendFrames(place, question, 3000);
      return { packets: counted("asked").packets - before, most: 400 + 200 * (seconds + 1) };
    };
    await using _resolver = await lab().onHost(["5399"], [GATEWAY]);
    // Once it was answered it is a connection, of which all would be let in.
    sendFrames(place, question);
    await until(() => counted("asked").packets > 0, { what: "the first question" });
    const held = flood();
    expect(held.packets).toBeGreaterThan(100);
    expect(held.packets).toBeLessThanOrEqual(held.most);
    expect(lab().removeRule("too many questions")).toBe(true);
    const free = flood();
    expect(free.packets).toBeGreaterThan(free.most);
    await place.place.clear();
  });
});
