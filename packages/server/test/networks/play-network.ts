import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closedRules, type NetworkRules } from "../../src/core/network/profile.ts";
import { encodeNetwork, type PlaceNetwork } from "../../src/engines/local/networks/place-network.ts";
import { ruleset, type RulesetOptions, tableOf } from "../../src/engines/local/networks/ruleset.ts";
import { NativePlace } from "../native/native-place.ts";
import { SandboxHost, whyNoSandbox } from "../native/sandbox-host.ts";
import { whyNoLabKernel } from "../support/lab-kernel.ts";
import { until } from "../support/until.ts";

const IP = "/usr/sbin/ip";
const NFT = "/usr/sbin/nft";
const SERVER = "t";
export const TABLE = tableOf(SERVER);
export const GATEWAY = "10.88.0.1";

/** Why no host can be played here; null when one can. */
export function whyNoPlay(): string | null {
  const missing = [IP, NFT, "/usr/bin/perl"].find((path) => !existsSync(path));
  return whyNoSandbox() ?? (missing === undefined ? whyNoLabKernel() : `there is no ${missing}`);
}

/** A profile that opens what is said of it, and nothing else. */
export function rulesOf(id: string, rules: Partial<NetworkRules>): RulesetOptions["profiles"][number] {
  return { id, rules: { ...closedRules, ...rules } };
}

/** Asks all at once, so that none waits for another, and says what came of each. */
export const reachScript = String.raw`
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6); use Errno; use Fcntl;
my %waiting; my $until = time + shift;
for (@ARGV) {
  my ($kind, $address, $port) = split /,/;
  my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
  my $to = $family == AF_INET ? pack_sockaddr_in($port, inet_pton($family, $address))
                              : pack_sockaddr_in6($port, inet_pton($family, $address));
  socket(my $socket, $family, $kind eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM, 0) or die "socket: $!";
  fcntl($socket, F_SETFL, O_NONBLOCK);
  my $done = connect($socket, $to);
  if (!$done && !$!{EINPROGRESS}) { print "$_ " . name() . "\n"; next }
  send($socket, 'x', 0) if $kind eq 'udp';
  $waiting{$_} = $socket;
}
sub name { for (keys %!) { return $_ if $!{$_} } "unknown" }
while (%waiting && time < $until) {
  my $bits = ''; vec($bits, fileno($_), 1) = 1 for values %waiting;
  next if select(my $ready = $bits, undef, undef, 0.5) <= 0;
  for (keys %waiting) {
    next unless vec($ready, fileno($waiting{$_}), 1);
    my $got = sysread($waiting{$_}, my $answer, 100);
    next if !defined $got && $!{EAGAIN};
    print "$_ " . (!defined $got ? name() : $got ? 'open' : 'shut') . "\n";
    delete $waiting{$_};
  }
}
print "$_ silence\n" for keys %waiting;
`;

/** A host with its table, a world around it, and jobs on it: all in network namespaces of the test's own. */
export class PlayNetwork implements AsyncDisposable {
  readonly host: SandboxHost;
  readonly #world: ChildProcess;
  readonly #options: RulesetOptions;
  #places = 0;

  private constructor(host: SandboxHost, world: ChildProcess, options: RulesetOptions) {
    this.host = host;
    this.#world = world;
    this.#options = options;
  }

  /** `world`: the addresses that it has beyond the host, whether the real ones are public or not. */
  static async open({
    world,
    ports,
    profiles,
  }: {
    world: readonly string[];
    ports: readonly number[];
    profiles: RulesetOptions["profiles"];
  }): Promise<PlayNetwork> {
    const host = await SandboxHost.open(undefined, { isApart: true });
    const script = [join(import.meta.dirname, "world.ts"), ...ports.map(String), "", ...world];
    const child = spawn("/usr/bin/unshare", ["--net", process.execPath, ...script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const play = new PlayNetwork(host, child, {
      server: SERVER,
      range4: "10.88.0.0/16",
      range6: "fd88::/64",
      gateway: GATEWAY,
      resolverPort: 5399,
      profiles,
      granted: [],
    });
    await play.#link(world);
    play.load();
    return play;
  }

  ip(...words: string[]): string {
    return this.host.run(IP, ...words);
  }

  nft(...words: string[]): string {
    return this.host.run(NFT, ...words);
  }

  /** Loads the table anew, as the server does. What was granted before is gone. */
  load(): void {
    const file = join(this.host.folder.path, "table.nft");
    writeFileSync(file, ruleset(this.#options));
    this.nft("-f", file);
  }

  /** Takes out the rules with that comment; false where there is none. */
  removeRule(comment: string): boolean {
    const rules = this.nft("-a", "list", "table", "inet", TABLE).split("\n");
    let chain = "";
    let removed = 0;
    for (const line of rules) {
      chain = /^\s*chain (\S+) \{/.exec(line)?.[1] ?? chain;
      const handle = line.includes(`comment "${comment}"`) ? / # handle (\d+)$/.exec(line)?.[1] : undefined;
      if (handle === undefined) continue;
      this.nft("delete", "rule", "inet", TABLE, chain, "handle", handle);
      removed += 1;
    }
    return removed > 0;
  }

  /** A place with a network; the profile, where one is granted, before it has a job. */
  async place(profile: string | null): Promise<PlayPlace> {
    this.#places += 1;
    const n = this.#places;
    const [name, address4, address6] = [`b${SERVER}-${n}`, `10.88.1.${n}`, `fd88::${n}`];
    const place = await this.placeWith({ name, address4, gateway4: GATEWAY, address6 });
    if (profile !== null) {
      const grant = (map: string, chain: string) =>
        `add element inet ${TABLE} ${map} { "${name}" : goto ${profile}_${chain} }`;
      this.nft(`${grant("grants", "out")}; ${grant("doors", "door")}`);
    }
    return { place, name, address4, address6 };
  }

  /** Runs that line of a shell in the network of the place, as the host's root. */
  within(place: NativePlace, line: string): void {
    execFileSync("/usr/bin/nsenter", [`--net=/proc/${place.pid}/ns/net`, "/bin/sh", "-c", line]);
  }

  /** A place with that network, which nobody has granted anything. */
  async placeWith(network: PlaceNetwork): Promise<NativePlace> {
    const files = { sandbox: this.host.recipe, network: encodeNetwork(network) };
    const place = new NativePlace(this.host, { files });
    place.send("warm\n");
    if (!(await place.hears("r"))) throw new Error(`no sandbox: ${place.read("runtime.log").toString()}`);
    return place;
  }

  /** What a job of that profile finds: by target, `open` or how it failed. */
  async reach(
    profile: string | null,
    targets: readonly string[],
    seconds = 20,
  ): Promise<Map<string, string>> {
    const { place } = await this.place(profile);
    return await this.reachFrom(place, targets, seconds);
  }

  /** What a job in that place finds. */
  async reachFrom(
    place: NativePlace,
    targets: readonly string[],
    seconds = 20,
  ): Promise<Map<string, string>> {
    place.give({ argv: ["/usr/bin/perl", "-e", reachScript, String(seconds), ...targets] });
    const { init } = await place.ended();
    const out = place.read("out").toString();
    if (init.code !== 0 || init.kind !== "exited")
      throw new Error(place.read("err").toString() || "it failed");
    return parseFound(out);
  }

  /** The same for a program of the host. */
  reachFromHost(targets: readonly string[], seconds = 20): Map<string, string> {
    return parseFound(this.host.run("/usr/bin/perl", "-e", reachScript, String(seconds), ...targets));
  }

  /** A program of the host that listens on these ports: TCP on all addresses, UDP on those that are named. */
  async onHost(ports: readonly string[], addresses: readonly string[] = []): Promise<AsyncDisposable> {
    const script = [join(import.meta.dirname, "world.ts"), ...ports, "", ...addresses];
    const child = spawn("/usr/bin/nsenter", [this.host.networkOption, process.execPath, ...script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.write("go\n");
    await once(child.stdout, "data");
    return {
      [Symbol.asyncDispose]: async () => {
        const ended = once(child, "exit");
        child.kill();
        await ended;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#world, "exit");
    this.#world.kill();
    await ended;
    await this.host[Symbol.asyncDispose]();
  }

  async #link(world: readonly string[]): Promise<void> {
    const beyond = (...words: string[]) =>
      this.host.run("/usr/bin/nsenter", `--net=/proc/${this.#world.pid}/ns/net`, IP, ...words);
    this.host.run(
      "/bin/sh",
      "-c",
      "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding",
    );
    await this.#apart();
    this.ip("link", "add", "up0", "type", "veth", "peer", "name", "eth0", "netns", String(this.#world.pid));
    const ends = [
      { run: (...words: string[]) => this.ip(...words), dev: "up0", own: 2 },
      { run: beyond, dev: "eth0", own: 1 },
    ];
    for (const { run, dev, own } of ends) {
      run("address", "add", `11.1.1.${own}/24`, "dev", dev);
      run("address", "add", `2a00:1::${own}/64`, "dev", dev, "nodad");
      run("link", "set", dev, "up");
      run("link", "set", "lo", "up");
    }
    this.ip("route", "add", "default", "via", "11.1.1.1");
    this.ip("-6", "route", "add", "default", "via", "2a00:1::1");
    for (const address of world)
      beyond("address", "add", address, "dev", "lo", ...(address.includes(":") ? ["nodad"] : []));
    // So that a job that nobody hides is answered too.
    beyond("route", "add", "10.64.0.0/10", "via", "11.1.1.2");
    beyond("-6", "route", "add", "fd00::/8", "via", "2a00:1::2");
    this.ip("link", "add", `bd${SERVER}`, "type", "bridge");
    this.ip("address", "add", `${GATEWAY}/32`, "dev", `bd${SERVER}`);
    this.ip("link", "set", `bd${SERVER}`, "up");
    this.#world.stdin?.write("go\n");
    if (this.#world.stdout) await once(this.#world.stdout, "data");
  }

  /** Until unshare has become another's: before that its network is the one that it came from. */
  async #apart(): Promise<void> {
    const own = readlinkSync("/proc/self/ns/net");
    await until(() => readlinkSync(`/proc/${this.#world.pid}/ns/net`) !== own, { what: "a world apart" });
  }
}

export function parseFound(text: string): Map<string, string> {
  const lines = text.trim().split("\n");
  return new Map(lines.map((line) => line.split(" ") as [string, string]));
}

export interface PlayPlace {
  place: NativePlace;
  name: string;
  address4: string;
  address6: string;
}
