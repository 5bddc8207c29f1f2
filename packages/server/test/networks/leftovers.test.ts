import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { closedRules, grantOf } from "../../src/core/network/profile.ts";
import { patiently } from "../support/patience.ts";
import { until } from "../support/until.ts";
import { DrivenNetworks } from "./driven-networks.ts";
import { PlayNetwork, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: what jobs leave of their networks, because ${missing}`);

const play =
  missing === null ? await PlayNetwork.open({ world: ["11.0.0.1"], ports: [80], profiles: [] }) : null;
afterAll(() => play?.[Symbol.asyncDispose]());

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};

/** Sends until the other side, which reads nothing, has no room for more. */
const sendScript = String.raw`
use Socket; use Fcntl; $| = 1;
socket(my $socket, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
connect($socket, pack_sockaddr_in(80, inet_aton('11.0.0.1'))) or die "connect: $!";
# What came and was not read would end the connection with the process.
1 while sysread($socket, my $answer, 100);
fcntl($socket, F_SETFL, O_NONBLOCK);
for (;;) {
  my $bits = ''; vec($bits, fileno($socket), 1) = 1;
  last if select(undef, $bits, undef, 2) == 0;
  syswrite($socket, 'x' x 65536);
}
print "full\n"; sleep;
`;

describe.skipIf(play === null)("the link of a job", { timeout: patiently(120_000) }, () => {
  it.each([
    { when: "soon after", isLast: false, range: "10.98.0.0/16" },
    { when: "before the server ends", isLast: true, range: "10.99.0.0/16" },
  ])("goes with it, though a connection still has something to send: $when", async ({ isLast, range }) => {
    const dataDir = join(lab().host.folder.path, `data-${isLast}`);
    const options = { dataDir, range, foreignChanges: "mend" as const };
    await using networks = await DrivenNetworks.open(lab().host.networkOption, options);
    await networks.call("open");
    const network = await networks.call("placeNetwork");
    const place = await lab().placeWith(network);
    const rules = { ...closedRules, isPublic: true };
    await networks.call("grant", network.name, grantOf("any", { rules, observe: false }));
    place.give({ argv: ["/usr/bin/perl", "-e", sendScript] });
    await place.shows("full");
    await place.clear();
    const isThere = (): boolean => lab().ip("-o", "link").includes(`${network.name}@`);
    const route = (): string => lab().ip("route", "show", network.address4);
    expect([isThere(), route()]).toEqual([true, expect.stringContaining(network.name)]);
    await networks.call("revoke", network.name);
    if (isLast) await networks[Symbol.asyncDispose]();
    await until(() => !isThere(), { what: "the end of the link" });
    expect(route()).toBe("");
  });
});
