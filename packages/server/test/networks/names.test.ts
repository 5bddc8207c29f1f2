import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Contact } from "../../src/core/network/contact.ts";
import { closedRules, grantOf, type NetworkRules } from "../../src/core/network/profile.ts";
import type { PlaceNetwork } from "../../src/engines/local/networks/place-network.ts";
import type { NativePlace } from "../native/native-place.ts";
import { until } from "../support/until.ts";
import { DrivenEngine } from "./driven-engine.ts";
import { DrivenNetworks } from "./driven-networks.ts";
import { HOSTILE, playHostileNames } from "./play-hostile-names.ts";
import { PlayNetwork, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: what jobs are told of names, because ${missing}`);

const publics = Array.from({ length: 9 }, (_, n) => `11.0.0.${n + 1}`);
const play =
  missing === null
    ? await PlayNetwork.open({
        world: [...publics, "10.0.0.5", "2a00:2::1"],
        ports: [53, 80, 443],
        profiles: [],
      })
    : null;
const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};

const hostile = play === null ? null : await playHostileNames(play.host);
const networks = play === null ? null : await open();
afterAll(async () => {
  await networks?.[Symbol.asyncDispose]();
  await hostile?.[Symbol.asyncDispose]();
  await play?.[Symbol.asyncDispose]();
});

function open(): Promise<DrivenNetworks> {
  const dataDir = join(lab().host.folder.path, "data");
  return DrivenNetworks.open(lab().host.networkOption, {
    dataDir,
    range: "10.99.0.0/16",
    foreignChanges: "mend",
  });
}

/**
 * Does one thing after another and says what came of each: `ask PROTOCOL SERVER NAME TYPE` the code and the addresses of the
 * answer, or `silence`; `tcp ADDRESS PORT` whether somebody is there.
 */
const script = String.raw`
use Socket qw(:DEFAULT inet_pton inet_ntop pack_sockaddr_in6 AF_INET6 getaddrinfo); use Errno;
sub sock { my ($address, $port, $kind) = @_; my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
  my $to = $family == AF_INET ? pack_sockaddr_in($port, inet_pton($family, $address)) : pack_sockaddr_in6($port, inet_pton($family, $address));
  socket(my $s, $family, $kind, 0) or die "socket: $!";
  return connect($s, $to) ? $s : undef }
sub name { for (keys %!) { return $_ if $!{$_} } "unknown" }
sub ask { my ($by, $server, $name, $type) = @_;
  my $q = pack('n6', 0x4242, 0x0100, 1, 0, 0, 0) . join('', map { chr(length) . $_ } split /\./, $name) . "\0" . pack('n2', $type, 1);
  my $s = sock($server, 53, $by eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM) or return name();
  for my $try (1..2) {
    send($s, $by eq 'tcp' ? pack('n', length $q) . $q : $q, 0) or return $by eq 'udp' ? 'silence' : name();
    my $bits = ''; vec($bits, fileno($s), 1) = 1;
    next unless select(my $r = $bits, undef, undef, $server eq $ARGV[0] ? 30 : 1) > 0;
    defined sysread($s, my $a, 65535) or return $by eq 'udp' ? 'silence' : name();
    $a = substr($a, 2) if $by eq 'tcp';
    return 'other' unless length $a > 12;
    my ($id, $flags, $qd, $an) = unpack('n4', $a); my @found; my $at = 12;
    my $skip = sub { while (1) { my $l = ord substr($a, $at, 1); if ($l >= 192) { $at += 2; return } $at += 1 + $l; return unless $l } };
    $skip->(); $at += 4;
    for (1..$an) { $skip->(); my ($t, $c, $ttl, $len) = unpack('n2Nn', substr($a, $at, 10)); $at += 10;
      push @found, inet_ntop($t == 1 ? AF_INET : AF_INET6, substr($a, $at, $len)) if $t == 1 || $t == 28; $at += $len }
    return join ',', $flags & 0x200 ? 'cut' : $flags & 15, @found }
  return 'silence' }
my $gateway = shift; unshift @ARGV, $gateway;
for (@ARGV[1..$#ARGV]) { my ($what, @rest) = split / /;
  print $what eq 'ask' ? ask(@rest) : (sock(@rest, SOCK_STREAM) ? 'open' : name()), "\n" }
`;

/** What is done, and what is to come of it. */
type Steps = readonly (readonly [step: string, what: string])[];

interface Job extends PlaceNetwork {
  place: NativePlace;
  lookups: string;
  rules: Partial<NetworkRules>;
}

const byName: Partial<NetworkRules> = {
  domains: ["good.org", "*.bad.org"],
  services: [{ protocol: "tcp", ports: { first: 80, last: 80 } }],
  resolvers: [HOSTILE],
};

async function start(rules: Partial<NetworkRules>): Promise<Job> {
  if (!networks) throw new Error("skipped");
  await networks.call("open");
  const network = await networks.call("placeNetwork");
  const granted = grantOf("any", { rules: { ...closedRules, ...rules }, observe: true });
  const lookups = join(lab().host.folder.path, `lookups-${network.name}`);
  const place = await lab().placeWith(network);
  if (granted.kind !== "profile") throw new Error("nothing granted");
  await networks.call("admit", { network, granted, lookups });
  await networks.call("grant", network.name, granted);
  return { ...network, place, lookups, rules };
}

async function run({ place, gateway4 }: Job, steps: readonly string[]): Promise<string[]> {
  place.give({
    argv: [
      "/usr/bin/perl",
      "-e",
      script,
      gateway4,
      ...steps.map((step) => step.replace("GATEWAY", gateway4)),
    ],
  });
  const { init } = await place.ended();
  if (init.code !== 0) throw new Error(place.read("err").toString());
  return place.read("out").toString().trim().split("\n");
}

/** Each step with what came of it, in order. */
async function cameOf(job: Job, steps: Steps): Promise<Steps> {
  const asked = steps.map(([step]) => step);
  const told = await run(job, asked);
  return asked.map((step, n) => [step, told[n] ?? "nothing"]);
}

const ask = (name: string, type = 1, by = "udp"): string => `ask ${by} GATEWAY ${name} ${type}`;

async function contactsOf(job: Job): Promise<string[]> {
  if (!networks) throw new Error("skipped");
  const contacts = await networks.call("contacts", job.name);
  const { list } = await networks.call("named", contacts, { network: job, lookups: job.lookups });
  const text = ({ name, address, port, outcome }: Contact) => `${outcome} ${name} ${address} ${port}`;
  return list.map(text).toSorted();
}

describe.skipIf(play === null)("a job that goes by names", () => {
  it("reaches an address once it was told of it, at the ports of its profile, and no other", async () => {
    const job = await start(byName);
    const steps: Steps = [
      ["tcp 11.0.0.1 80", "ECONNREFUSED"],
      [ask("good.org"), "0,11.0.0.1"],
      ["tcp 11.0.0.1 80", "open"],
      ["tcp 11.0.0.1 443", "ECONNREFUSED"],
      [ask("six.bad.org", 28, "tcp"), "0,2a00:2::1"],
      ["tcp 2a00:2::1 80", "open"],
      [ask("other.org"), "5"],
      [ask("none.bad.org"), "3"],
      ["tcp 11.0.0.2 80", "ECONNREFUSED"],
    ];
    expect(await cameOf(job, steps)).toEqual(steps);
    expect(await contactsOf(job)).toEqual(
      [
        "reached good.org 11.0.0.1 80",
        "reached six.bad.org 2a00:2::1 80",
        "refused good.org 11.0.0.1 443",
        "refused good.org 11.0.0.1 80",
        "refused null 11.0.0.2 80",
        "refused other.org null null",
      ].toSorted(),
    );
  });

  it("is not led anywhere else by a server of names that lies", async () => {
    const job = await start(byName);
    const steps: Steps = [
      [ask("private.bad.org"), "0"],
      ["tcp 10.0.0.5 80", "ECONNREFUSED"],
      [ask("mapped.bad.org", 28), "0"],
      [ask("nat64.bad.org", 28), "0"],
      [ask("turns.bad.org"), "0,11.0.0.3"],
      [ask("turns.bad.org"), "0"],
      ["tcp 11.0.0.3 80", "open"],
      ["tcp 10.0.0.5 80", "ECONNREFUSED"],
      [ask("alias.bad.org"), "0,11.0.0.4"],
      ["tcp 11.0.0.4 80", "open"],
      ["tcp 11.0.0.9 80", "ECONNREFUSED"],
      [ask("circle.bad.org"), "2"],
      [ask("forever.bad.org"), "0,11.0.0.5"],
      [ask("guessed.bad.org"), "0,11.0.0.6"],
      [ask("elsewhere.bad.org"), "0,11.0.0.7"],
      [ask("cut.bad.org"), "0,11.0.0.8"],
      ["tcp 11.0.0.9 80", "ECONNREFUSED"],
      // The host itself, which has a public address.
      [ask("host.bad.org"), "0,11.1.1.2"],
      ["tcp 11.1.1.2 80", "ECONNREFUSED"],
    ];
    expect(await cameOf(job, steps)).toEqual(steps);
  });

  it("has as much open as it was told of, of thousands of addresses", async () => {
    const job = await start(byName);
    const [cut = "", told = ""] = await run(job, [ask("many.bad.org"), ask("many.bad.org", 1, "tcp")]);
    const addresses = told.split(",").slice(1);
    expect([cut.split(",")[0], addresses.length]).toEqual(["0", 16]);
    const sets = lab().nft("list", "ruleset");
    const open = [...sets.matchAll(/"([a-z0-9-]+)" \. (11\.2\.[\d.]+) (?:timeout|expires)/g)];
    const own = open.filter(([, link]) => link === job.name).map(([, , address]) => address);
    expect(new Set(own)).toEqual(new Set(addresses));
  });

  it("has asked as far as the kernel knows, whoever has heard it", async () => {
    const [quiet, asking] = [await start(byName), await start(byName)];
    await run(quiet, ["tcp 10.0.0.5 80"]);
    await run(asking, [ask("other.org")]);
    const hasAsked = async ({ name }: Job) => (await networks?.call("contacts", name))?.hasAsked;
    expect([await hasAsked(quiet), await hasAsked(asking)]).toEqual([false, true]);
  });

  it("gets nothing from another server of names, by whatever way", async () => {
    const job = await start(byName);
    const steps: Steps = [
      ["ask udp 11.0.0.1 good.org 1", "silence"],
      ["ask tcp 11.0.0.1 good.org 1", "ECONNREFUSED"],
      ["tcp 11.0.0.1 443", "ECONNREFUSED"],
      ["tcp 11.0.0.1 853", "ECONNREFUSED"],
      [ask("good.org"), "0,11.0.0.1"],
      ["ask tcp 11.0.0.1 good.org 1", "ECONNREFUSED"],
      ["tcp 11.0.0.1 443", "ECONNREFUSED"],
    ];
    expect(await cameOf(job, steps)).toEqual(steps);
  });
});

describe.skipIf(play === null)("a job that does not go by names", () => {
  it("is told whatever others say, and nothing is open by it", async () => {
    const listed = {
      ...byName,
      domains: [],
      services: [],
      open: [{ range: "11.0.0.1/32", protocol: "tcp", ports: { first: 80, last: 80 } }],
    } as const;
    const job = await start(listed);
    const steps: Steps = [
      [ask("private.bad.org"), "0,10.0.0.5"],
      ["tcp 10.0.0.5 80", "ECONNREFUSED"],
      [ask("port.org"), "0,11.0.0.2"],
      ["tcp 11.0.0.2 80", "ECONNREFUSED"],
      [ask("good.org"), "0,11.0.0.1"],
      ["tcp 11.0.0.1 80", "open"],
    ];
    expect(await cameOf(job, steps)).toEqual(steps);
  });
});

/** Looks a name up as all programs do; says whether somebody is there. */
const connectScript = String.raw`
use Socket qw(:DEFAULT getaddrinfo); $| = 1;
sub find { my ($error, @found) = getaddrinfo($_[0], 80, { socktype => SOCK_STREAM, family => AF_INET }); return $error ? undef : $found[0] }
sub reach { my $to = find($_[0]) or return 'unknown'; socket(my $s, $to->{family}, SOCK_STREAM, 0) or die; return connect($s, $to->{addr}) ? 'open' : 'shut' }
`;

describe.skipIf(play === null)("a job of the local engine", () => {
  const engine =
    play &&
    new DrivenEngine(["/usr/bin/nsenter", play.host.networkOption], {
      range: "10.97.0.0/16",
      warmSandboxes: 0,
    });
  afterAll(() => engine?.[Symbol.asyncDispose]());
  const own = (): DrivenEngine => {
    if (!engine) throw new Error("skipped");
    return engine;
  };
  const granted = grantOf("any", { rules: { ...closedRules, ...byName }, observe: true });
  const env = { RES_OPTIONS: "timeout:2 attempts:1" };

  it("finds what its profile grants by name, and what it found and was refused bears these names", async () => {
    await own().open();
    expect(own().capabilities.networkProfiles).toEqual(expect.arrayContaining(["domains", "resolvers"]));
    const says = `${connectScript} print join ' ', map { reach($_) } @ARGV`;
    const { launch, stdout } = await own().run(
      ["perl", "-e", says, "good.org", "other.org", "private.bad.org", "port.bad.org"],
      granted,
      { env },
    );
    expect(stdout).toBe("open unknown unknown open");
    const contacts = await own().call("contacts", launch.handle);
    expect(contacts?.list.map(({ outcome, name, address, port }) => [outcome, name, address, port])).toEqual(
      expect.arrayContaining([
        ["reached", "good.org", "11.0.0.1", 80],
        ["reached", "port.bad.org", "11.0.0.2", 80],
        ["refused", "other.org", null, null],
        ["refused", "private.bad.org", "10.0.0.5", null],
      ]),
    );
    expect(contacts?.refused).toBe(2);
    await own().call("destroy", launch.handle);
    await own().close();
  });

  it("is answered again once there is a server again", async () => {
    await own().open();
    const says = `${connectScript} print "begun\n" if find('good.org'); 1 while find('good.org'); print "lost\n"; 1 until find('good.org'); print reach('port.bad.org')`;
    const launch = await own().start(["perl", "-e", says], granted, { env });
    const shows = (text: string) =>
      until(() => readFileSync(launch.output.stdout, "utf8").includes(text), { what: text });
    await shows("begun");
    await own().kill();
    await shows("lost");
    await own().open();
    expect(await own().call("recover", launch.handle)).toMatchObject({ kind: "found" });
    await own().call("wait", launch.handle);
    expect(readFileSync(launch.output.stdout, "utf8")).toBe("begun\nlost\nopen");
    await own().call("destroy", launch.handle);
  });
});
