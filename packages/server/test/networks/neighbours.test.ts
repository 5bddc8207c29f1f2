import { afterAll, afterEach, describe, expect, it } from "vitest";
import { GATEWAY, PlayNetwork, type PlayPlace, rulesOf, TABLE, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: what a job reaches of its neighbours, because ${missing}`);

const PORT = 80;
const HOST_PORT = 8080;
const internet = rulesOf("internet", { isPublic: true });
const door = rulesOf("door", { isPublic: true, hostPorts: [HOST_PORT] });

const play =
  missing === null
    ? await PlayNetwork.open({ world: ["11.0.0.1", "2a00:2::1"], ports: [PORT], profiles: [internet, door] })
    : null;
// Programs of the host that listen on every address.
const services = await play?.onHost(["22", String(HOST_PORT)]);
afterAll(async () => {
  await services?.[Symbol.asyncDispose]();
  await play?.[Symbol.asyncDispose]();
});

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};

const listenScript = String.raw`
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6); $| = 1;
socket(my $socket, AF_INET6, SOCK_STREAM, 0) or die; setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
bind($socket, pack_sockaddr_in6(8000, inet_pton(AF_INET6, '::'))) or die "bind: $!"; listen($socket, 10); print "up\n";
while (accept(my $other, $socket)) { syswrite $other, 'job'; close $other }
`;

/** A job that listens on port 8000 of all its addresses. */
async function listener(): Promise<PlayPlace> {
  const one = await lab().place("internet");
  one.place.give({ argv: ["/usr/bin/perl", "-e", listenScript] });
  await one.place.shows("up");
  return one;
}

const isOpen = (found: Map<string, string>): boolean => [...found.values()].includes("open");
afterEach(() => play?.load());
/** Loads the table anew: what that job was granted has to be granted again. */
function restore({ name }: PlayPlace): void {
  lab().load();
  lab().nft(`add element inet ${TABLE} grants { "${name}" : goto internet_out }`);
}

describe.skipIf(play === null)("a job and its neighbours", () => {
  it.each(["address4", "address6"] as const)(
    "are three walls apart, each of which is enough: %s",
    async (address) => {
      const other = await listener();
      const target = [`tcp,${other[address]},8000`];
      const walls = ["another job", "inbound", address === "address4" ? "closed4" : "closed6"];
      for (const wall of walls) {
        restore(other);
        for (const one of walls.filter((any) => any !== wall)) expect(lab().removeRule(one)).toBe(true);
        expect(isOpen(await lab().reach("internet", target, 2)), `only "${wall}" is left`).toBe(false);
      }
      for (const one of walls) lab().removeRule(one);
      expect(isOpen(await lab().reach("internet", target))).toBe(true);
      await other.place.clear();
    },
  );

  it("are not reached by the host's other programs either", async () => {
    const other = await listener();
    const targets = [`tcp,${other.address4},8000`, `tcp,${other.address6},8000`];
    expect(isOpen(lab().reachFromHost(targets, 2))).toBe(false);
    expect(lab().removeRule("from the host")).toBe(true);
    expect([...lab().reachFromHost(targets).values()]).toEqual(["open", "open"]);
    await other.place.clear();
  });

  it.each([
    { comment: "the host itself", profile: "internet" },
    { comment: "the host before a grant", profile: null },
  ])(
    "reach nothing of the host, by no address, because of the rule `$comment`",
    async ({ comment, profile }) => {
      // Also one that the host gets later.
      lab().ip("address", "replace", "11.7.7.7/32", "dev", "lo");
      const targets = [GATEWAY, "11.1.1.2", "2a00:1::2", "11.7.7.7"].flatMap((one) => [`tcp,${one},22`]);
      expect(isOpen(await lab().reach(profile, targets))).toBe(false);
      expect(lab().removeRule(comment)).toBe(true);
      const found = await lab().reach(profile, targets);
      expect([...found.values()]).toEqual(["open", "open", "open", "open"]);
    },
  );

  it("reach a port of the host that the profile names, at the gateway's address alone", async () => {
    const [named, others] = [
      `tcp,${GATEWAY},${HOST_PORT}`,
      [`tcp,${GATEWAY},22`, `tcp,11.1.1.2,${HOST_PORT}`, `tcp,${GATEWAY},5399`],
    ];
    const found = await lab().reach("door", [named, ...others]);
    expect([...found].filter(([, how]) => how === "open")).toEqual([[named, "open"]]);
  });

  it("send nothing under a forged address, which IPv6 would let anybody do", async () => {
    const forge = String.raw`
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6);
socket(my $socket, AF_INET6, SOCK_DGRAM, 0) or die; setsockopt($socket, 41, 78, pack('i', 1)) or die "freebind: $!";
bind($socket, pack_sockaddr_in6(7777, inet_pton(AF_INET6, '2a00:dead::1'))) or die "bind: $!";
send($socket, 'x', 0, pack_sockaddr_in6(80, inet_pton(AF_INET6, '2a00:2::1'))) or die "send: $!"; print "sent\n";`;
    const send = async (): Promise<void> => {
      const { place } = await lab().place("internet");
      place.give({ argv: ["/usr/bin/perl", "-e", forge] });
      await place.ended();
      expect(place.read("out").toString() + place.read("err").toString()).toBe("sent\n");
    };
    // A table that is not ours sees what leaves.
    lab().nft(
      "add table inet look; add chain inet look out { type filter hook postrouting priority 300; }; add rule inet look out ip6 saddr 2a00:dead::1 counter",
    );
    const seen = (): string =>
      /packets (\d+)/.exec(lab().nft("list", "table", "inet", "look"))?.[1] ?? "none";
    await send();
    expect(seen()).toBe("0");
    expect(lab().removeRule("a forged source")).toBe(true);
    await send();
    expect(seen()).toBe("1");
    lab().nft("delete", "table", "inet", "look");
  });

  it("leave a foreign table as it was, byte for byte, whatever happens to ours", async () => {
    lab().nft(
      "add table ip other; add chain ip other c { type filter hook forward priority 5; }; add rule ip other c counter",
    );
    const before = lab().nft("list", "table", "ip", "other");
    for (let n = 0; n < 3; n += 1) lab().load();
    expect(lab().nft("list", "table", "ip", "other")).toBe(before);
    lab().nft("delete", "table", "ip", "other");
  });
});
