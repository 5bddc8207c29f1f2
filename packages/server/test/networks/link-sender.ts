import { execFileSync } from "node:child_process";
import type { PlayNetwork, PlayPlace } from "./play-network.ts";

/** Makes the host of the lab one that lets forged packets through unless the table stops them. */
export function letAllThrough(play: PlayNetwork): void {
  const switches = ["all", "default", "up0"].flatMap((name) => [
    `echo 0 >/proc/sys/net/ipv4/conf/${name}/rp_filter`,
    `echo 1 >/proc/sys/net/ipv4/conf/${name}/accept_source_route`,
  ]);
  play.host.run("/bin/sh", "-c", switches.join("; "));
}

const sendScript = String.raw`
use Time::HiRes 'time';
socket(my $socket, 17, 3, 0) or die "socket: $!"; my $begin = time;
my $times = shift; my @frames = map { pack 'H*', $_ } @ARGV;
my $number = qx(/usr/sbin/ip -o link show eth0) =~ /^(\d+)/ ? $1 : die;
for (1 .. $times) { for (@frames) { send($socket, $_, 0, pack('S n i S C C a8', 17, 0x0800, $number, 0, 0, 6, '')) or die "send: $!" } }
print time - $begin;
`;

/** Sends frames from the link of the place, as nobody in the sandbox could, so often. How long that took, in seconds. */
export function sendFrames({ place }: PlayPlace, frames: readonly Buffer[], times = 1): number {
  const hex = frames.map((frame) => frame.toString("hex"));
  const words = [`--net=/proc/${place.pid}/ns/net`, "/usr/bin/perl", "-e", sendScript, String(times), ...hex];
  return Number(execFileSync("/usr/bin/nsenter", words).toString());
}
