import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readlinkSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const IP = "/usr/sbin/ip";
/** Where the world is, and where it listens. */
export const WORLD = { address: "11.1.1.1", port: 5001 } as const;
/** The floor's links: what comes from here nobody looks at. */
const PLAIN = { near: "11.1.2.1", far: "11.1.2.2" } as const;
export const HOST_PORT = 5002;

/** This process's own network namespace as a host that leads on, with a world beyond it and a neighbour by a plain veth. */
export async function playHost(): Promise<AsyncDisposable & { plain: number }> {
  for (const name of ["ipv4/ip_forward", "ipv6/conf/all/forwarding"])
    writeFileSync(`/proc/sys/net/${name}`, "1");
  ip("link", "set", "lo", "up");
  const [world, plain] = [await namespace(), await namespace()];
  ip("link", "add", "up0", "type", "veth", "peer", "name", "eth0", "netns", String(world.pid));
  ip("link", "add", "side0", "type", "veth", "peer", "name", "eth0", "netns", String(plain.pid));
  address({ dev: "up0", own: "11.1.1.2" });
  address({ dev: "eth0", own: WORLD.address, of: world });
  address({ dev: "side0", own: PLAIN.near });
  address({ dev: "eth0", own: PLAIN.far, of: plain });
  ip("route", "add", "default", "via", WORLD.address);
  inside(world, IP, "route", "add", "default", "via", "11.1.1.2");
  inside(plain, IP, "route", "add", "default", "via", PLAIN.near);
  const sinks = [
    await sink(WORLD.port, ["/usr/bin/nsenter", `--net=/proc/${world.pid}/ns/net`]),
    await sink(HOST_PORT, []),
  ];
  return {
    plain: plain.pid ?? 0,
    async [Symbol.asyncDispose]() {
      for (const child of [...sinks, world, plain]) {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }
    },
  };
}

/** Sends so many MiB and waits until they were taken; says how many seconds that took. */
export const sendScript = String.raw`use Socket; use Time::HiRes 'time';
my ($address, $port, $mib) = @ARGV; socket(my $s, AF_INET, SOCK_STREAM, 0) or die;
connect($s, pack_sockaddr_in($port, inet_aton($address))) or die "connect: $!";
my $piece = 'x' x (1 << 18); my $began = time;
for (1 .. 4 * $mib) { for (my $at = 0; $at < length $piece;) { my $n = syswrite($s, $piece, 1 << 18, $at); die "$!" unless $n; $at += $n } }
shutdown($s, 1); sysread($s, my $done, 1); print time - $began, "\n";`;

/** Reads all that anybody sends, and says one byte when it has. */
const sinkScript = String.raw`use Socket; $SIG{CHLD} = 'IGNORE'; socket(my $l, AF_INET, SOCK_STREAM, 0) or die;
setsockopt($l, SOL_SOCKET, SO_REUSEADDR, 1); bind($l, pack_sockaddr_in(shift, INADDR_ANY)) or die; listen($l, 10); $| = 1; print "up\n";
while (accept(my $s, $l)) { next if fork; close $l; 1 while sysread($s, my $piece, 1 << 18); syswrite($s, '.', 1); exit }`;

/** How fast the neighbour sends to there, by plain veths and the host's own routing. */
export function plainMibs(pid: number, { to, port, mib }: { to: string; port: number; mib: number }): number {
  const words = ["/usr/bin/perl", "-e", sendScript, to, String(port), String(mib)];
  const seconds = execFileSync("/usr/bin/nsenter", [`--net=/proc/${pid}/ns/net`, ...words], {
    encoding: "utf8",
  });
  return mib / Number(seconds);
}

/** The host, as its neighbour names it. */
export const PLAIN_HOST = PLAIN.near;

async function sink(port: number, into: readonly string[]): Promise<ChildProcess> {
  const words = [...into, "/usr/bin/perl", "-e", sinkScript, String(port)];
  const child = spawn("/usr/bin/env", words, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

/** Held by a process that waits. */
async function namespace(): Promise<ChildProcess> {
  const own = readlinkSync("/proc/self/ns/net");
  const child = spawn("/usr/bin/unshare", ["--net", "/bin/sleep", "infinity"], { stdio: "ignore" });
  while (readlinkSync(`/proc/${child.pid}/ns/net`) === own) await pause(5);
  inside(child, IP, "link", "set", "lo", "up");
  return child;
}

function address({ dev, own, of }: { dev: string; own: string; of?: ChildProcess }): void {
  const words = [
    ["address", "add", `${own}/24`, "dev", dev],
    ["link", "set", dev, "up"],
  ];
  for (const one of words)
    if (of) inside(of, IP, ...one);
    else ip(...one);
}

function inside({ pid }: ChildProcess, ...words: string[]): void {
  execFileSync("/usr/bin/nsenter", [`--net=/proc/${pid}/ns/net`, ...words]);
}

function ip(...words: string[]): void {
  execFileSync(IP, words);
}
