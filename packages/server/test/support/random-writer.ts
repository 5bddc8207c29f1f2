import type { JobSpecInput } from "@berth/protocol";

/** A prime, so that bytes in the wrong place are seen whatever the sizes of pages and pipes. */
const period = 65_521;

/** What both streams of a writer repeat, each from another place. */
const pattern = Buffer.from(
  Uint8Array.from({ length: period }, (_, n) => (Math.imul(n, n + 7919) >>> 7) & 0xff),
);

const shift = { stdout: 0, stderr: 31_337 } as const;

/** The first bytes of a stream of every writer. */
export function writtenBytes(stream: "stdout" | "stderr", length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    at += pattern.copy(
      bytes,
      at,
      (at + shift[stream]) % period,
      Math.min(period, ((at + shift[stream]) % period) + length - at),
    );
  }
  return bytes;
}

/** Most that one call writes, and so can have written without having said so. */
export const largestWrite = 30_000;

/**
 * Writes to both streams, in pieces of all sizes, until it is ended or has done `pieces`: then it ends itself by `exit N`, by
 * the signal that is named, or by taking `memory` without end. A `stubborn` one ignores TERM.
 * How much the kernel has taken of each stream stands in `/work/acked` before the next piece.
 */
export function randomWriter({
  seed,
  pieces = 1e9,
  end = "exit 3",
  stubborn = false,
}: {
  seed: number;
  pieces?: number;
  end?: string;
  stubborn?: boolean;
}): JobSpecInput {
  const args = [String(seed), String(pieces), end, stubborn ? "IGNORE" : "DEFAULT"];
  return { command: "perl", args: ["-e", program, ...args], collect: ["acked"] };
}

const program = `
use integer;
my ($seed, $pieces, $end, $term) = @ARGV; srand($seed); $SIG{TERM} = $term;
my $pattern = pack("C*", map { (($_ * ($_ + 7919)) & 0xffffffff) >> 7 & 0xff } 0 .. ${period - 1});
my @stream = ([\\*STDOUT, 0, $pattern x 2], [\\*STDERR, 0, substr($pattern, ${shift.stderr}) . $pattern . $pattern]);
open(my $acked, "+>", "acked") or die;
for (1 .. $pieces) {
  my $to = $stream[int(rand(2))];
  my $size = 1 + int(rand((1, 10, 200, 5000, ${largestWrite - 1})[int(rand(5))]));
  my $done = syswrite($to->[0], substr($to->[2], $to->[1] % ${period}, $size)) or die;
  $to->[1] += $done;
  sysseek($acked, 0, 0); syswrite($acked, pack("QQ", $stream[0][1], $stream[1][1]));
  select(undef, undef, undef, rand(0.004)) if rand(40) < 1;
}
if ($end =~ /^exit (.*)/) { exit $1 }
if ($end eq "memory") { my @held; push @held, "x" x 1e6 while 1 }
kill $end, $$; sleep 9;
`;
