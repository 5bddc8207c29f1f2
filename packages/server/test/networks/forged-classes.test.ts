import { afterAll, afterEach, describe, expect, it } from "vitest";
import { closed4, closed6 } from "../../src/core/network/closed.ts";
import { patiently } from "../support/patience.ts";
import { until } from "../support/until.ts";
import { datagram, frameOf, partsOf } from "./frames.ts";
import { letAllThrough, sendFrames } from "./link-sender.ts";
import { PlayNetwork, type PlayPlace, rulesOf, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null)
  console.log(`SKIPPED: whether forged packets come to what is closed, because ${missing}`);

/** What no packet is led to by any host. */
const nobodys = new Set(["0.1.2.3", "127.1.2.3", "224.0.0.1"]);
const hosts4 = closed4.map(({ sample }) => sample).filter((address) => !nobodys.has(address));
const hosts6 = closed6.map(({ sample }) => sample);
const HOST4 = "11.1.1.2";
const HOST6 = "2a00:1::2";
const LAST = "11.0.0.1";

/** To which addresses something has left this host: a table of the tester, which sees where a packet goes in the end. */
const LOOK = `table inet look {
  set left4 { type ipv4_addr; flags dynamic; size 1000; }
  set left6 { type ipv6_addr; flags dynamic; size 1000; }
  chain postrouting {
    type filter hook postrouting priority 300; policy accept;
    oifname "up0" update @left4 { ip daddr }
    oifname "up0" update @left6 { ip6 daddr }
  }
}`;

const play =
  missing === null
    ? await PlayNetwork.open({
        world: [LAST, ...hosts4, ...hosts6],
        ports: [],
        profiles: [rulesOf("internet", { isPublic: true })],
      })
    : null;
afterAll(() => play?.[Symbol.asyncDispose](), patiently(60_000));
afterEach(() => play?.load());
if (play) {
  letAllThrough(play);
  // Of links that come later too.
  const segments = ["all", "default"].map((name) => `echo 1 >/proc/sys/net/ipv6/conf/${name}/seg6_enabled`);
  play.host.run("/bin/sh", "-c", segments.join("; "));
  // By a strict route only a neighbour is come to.
  for (const address of hosts4) play.ip("route", "add", `${address}/32`, "dev", "up0");
  play.nft(LOOK);
}

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};

function left(): Set<string> {
  const shown = [4, 6].map((version) => lab().nft("list", "set", "inet", "look", `left${version}`));
  return new Set(
    shown.flatMap((text) => /elements = \{([^}]*)\}/.exec(text)?.[1]?.match(/[\d.:a-f]+/g) ?? []),
  );
}

interface Sending {
  targets: readonly string[];
  framesTo: (target: string, n: number) => readonly Buffer[];
  /** Those that are to be reached. */
  wanted: readonly string[];
}

/** Which of those addresses something comes to of these frames, before a packet that always comes through. */
async function reached(place: PlayPlace, { targets, framesTo, wanted }: Sending): Promise<string[]> {
  for (const version of [4, 6]) lab().nft("flush", "set", "inet", "look", `left${version}`);
  sendFrames(place, [...targets.flatMap(framesTo), frameOf({ from: place.address4, to: LAST })]);
  const all = [LAST, ...wanted];
  await until(() => all.every((address) => left().has(address)), { what: "the last packet" });
  const found = left();
  return targets.filter((target) => found.has(target));
}

const words = (address: string): Buffer => Buffer.from(address.split(".").map(Number));
/** IPv4's option that leads a packet on, from whom it is for to that address. */
const sourceRoute = (kind: number, address: string): Buffer =>
  Buffer.concat([Buffer.from([kind, 7, 4]), words(address), Buffer.alloc(1)]);

/** IPv6's header that leads a packet on, from whom it is for to that address. */
function segmentRoute(address: string): Buffer {
  const part = frameOf({ from: "::", to: address }).subarray(14 + 24, 14 + 40);
  return Buffer.concat([Buffer.from([17, 4, 4, 1, 1, 0, 0, 0]), part, part]);
}

/** The walls before it, each of which is enough; without them all it comes through. */
interface Row {
  what: string;
  targets: readonly string[];
  walls: readonly string[];
  frames: (place: PlayPlace, target: string, n: number) => readonly Buffer[];
}

const rows: Row[] = [
  ...[
    { what: "a loose source route", kind: 131 },
    { what: "a strict source route", kind: 137 },
  ].map(({ what, kind }) => ({
    what,
    targets: hosts4,
    walls: [what],
    frames: ({ address4: from }: PlayPlace, target: string) => [
      frameOf({ from, to: HOST4, options: sourceRoute(kind, target) }),
    ],
  })),
  {
    what: "a recorded route",
    targets: hosts4,
    walls: ["a recorded route", "closed4"],
    frames: ({ address4: from }, to) => [frameOf({ from, to, options: sourceRoute(7, "0.0.0.0") })],
  },
  {
    what: "a routing header",
    targets: hosts6,
    walls: ["a routing header", "closed6"],
    frames: ({ address6: from }, to) => [
      frameOf({ from, to, next: 43, options: Buffer.concat([Buffer.from([17, 2, 4, 0]), Buffer.alloc(20)]) }),
    ],
  },
  {
    what: "segments that begin at the host",
    targets: hosts6,
    walls: ["a routing header", "the host itself", "closed6"],
    frames: ({ address6: from }, target) => [
      frameOf({ from, to: HOST6, next: 43, options: segmentRoute(target) }),
    ],
  },
  ...[
    { what: "fragments", isBackward: false },
    { what: "fragments, the last one first", isBackward: true },
  ].flatMap(({ what, isBackward }) =>
    [hosts4, hosts6].map((targets, n) => ({
      what: `${what} of IPv${n === 0 ? 4 : 6}`,
      targets,
      walls: [`closed${n === 0 ? 4 : 6}`],
      frames: ({ address4, address6 }: PlayPlace, to: string, id: number) => {
        const parts = partsOf({ from: n === 0 ? address4 : address6, to, id: id + 100 });
        return isBackward ? parts.toReversed() : parts;
      },
    })),
  ),
];

describe.skipIf(play === null)("what is closed", { timeout: patiently(120_000) }, () => {
  it.each(rows)("is reached by no packet with $what, and would be without $walls", async (row) => {
    const { targets, walls, frames } = row;
    const reachedBy = async (wanted: readonly string[] = []): Promise<string[]> => {
      const place = await lab().place("internet");
      try {
        return await reached(place, {
          targets,
          framesTo: (target, n) => frames(place, target, n),
          wanted,
        });
      } finally {
        await place.place.clear();
      }
    };
    expect(await reachedBy()).toEqual([]);
    for (const wall of walls) {
      lab().load();
      for (const other of walls.filter((one) => one !== wall)) expect(lab().removeRule(other)).toBe(true);
      expect(await reachedBy()).toEqual([]);
    }
    for (const wall of walls) lab().removeRule(wall);
    expect(await reachedBy(targets)).toEqual(targets);
  });

  it("is reached by no part of a packet alone, nor is what is public", async () => {
    const place = await lab().place("internet");
    const publics = ["11.0.0.2", "2a00:2::2"];
    const all = [...publics, ...hosts4, ...hosts6];
    const fromOf = (to: string): string => (to.includes(":") ? place.address6 : place.address4);
    const alone = (which: number) => (to: string, n: number) =>
      partsOf({ from: fromOf(to), to, id: n + 1000 * which }).filter((_, at) => at === which);
    for (const which of [0, 1])
      expect(await reached(place, { targets: all, framesTo: alone(which), wanted: [] })).toEqual([]);
    const framesTo = (to: string): Buffer[] => [
      frameOf({ from: fromOf(to), to, payload: datagram({ from: fromOf(to), to }) }),
    ];
    expect(await reached(place, { targets: all, framesTo, wanted: publics })).toEqual(publics);
    await place.place.clear();
  });
});
