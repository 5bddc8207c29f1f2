import { afterAll, describe, expect, it } from "vitest";
import { closedRules, grantOf } from "../../src/core/network/profile.ts";
import type { PlaceNetwork } from "../../src/engines/local/networks/place-network.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { patiently } from "../support/patience.ts";
import { DrivenNetworks } from "./driven-networks.ts";
import { PlayNetwork, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: connections of jobs that have ended, because ${missing}`);

const [DATABASE, PORT] = ["10.0.0.5", 80];
const play =
  missing === null ? await PlayNetwork.open({ world: [DATABASE], ports: [PORT], profiles: [] }) : null;
afterAll(() => play?.[Symbol.asyncDispose]());

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};
const database = grantOf("database", {
  rules: {
    ...closedRules,
    named: [{ range: DATABASE, protocol: "udp", ports: { first: PORT, last: PORT } }],
  },
  observe: false,
});

/** Asks from a port of its own choice, which is that of the connection which the kernel has in mind. */
const askScript = String.raw`use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0) or die;
bind($s, pack_sockaddr_in(4000, INADDR_ANY)) or die "bind: $!"; connect($s, pack_sockaddr_in(${PORT}, inet_aton('${DATABASE}')));
send($s, 'x', 0); my $bits = ''; vec($bits, fileno($s), 1) = 1; select($bits, undef, undef, shift);
my $answer; print defined(recv($s, $answer, 100, MSG_DONTWAIT)) ? "$answer\n" : "nothing\n";`;

async function answerOf(network: PlaceNetwork, seconds: number, granted?: DrivenNetworks): Promise<string> {
  const place = await lab().placeWith(network);
  await granted?.call("grant", network.name, database);
  place.give({ argv: ["/usr/bin/perl", "-e", askScript, String(seconds)] });
  await place.ended();
  return place.read("out").toString() || place.read("err").toString();
}

describe.skipIf(play === null)("a connection of a job that has ended", { timeout: patiently(60_000) }, () => {
  it.each([
    { what: "is closed", end: (networks: DrivenNetworks) => networks[Symbol.asyncDispose]() },
    { what: "is killed, and another has come", end: (networks: DrivenNetworks) => networks.kill() },
  ])("is none of the next job's that has its address: also where the server $what", async ({ what, end }) => {
    await using folder = tempFolder();
    const options = { dataDir: folder.path, range: "10.97.0.0/24", foreignChanges: "mend" } as const;
    const networks = await DrivenNetworks.open(lab().host.networkOption, options);
    await networks.call("open");
    const [network, beside] = [await networks.call("placeNetwork"), await networks.call("placeNetwork")];
    // As long as that one is granted something the table is not taken away.
    await networks.call("grant", beside.name, database);
    expect(await answerOf(network, 20, networks)).toBe("world\n");
    await networks.call("revoke", network.name);
    await networks.call("giveBack", network);
    await end(networks);
    const next = await DrivenNetworks.open(lab().host.networkOption, options);
    if (what.includes("another")) {
      await next.call("keep", { ...beside, digest: database.digest, observe: false });
      await next.call("open");
    }
    // Nobody has granted it anything, and it asks as the one before it did.
    expect(await answerOf({ ...network, name: `${network.name}x` }, 2)).toBe("nothing\n");
    await next.call("open");
    await next.call("revoke", beside.name);
    await next[Symbol.asyncDispose]();
    expect(next.notices).toEqual([]);
  });
});
