/**
 * Runs in a job, in Perl, which every Debian has: asks all `PROTOCOL,ADDRESS,PORT` of its arguments at once, for so many seconds
 * as the first says, and prints of each how it failed, `silence`, or `open`.
 */
export const reachScript = String.raw`
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6); use Errno; use Fcntl;
my %waiting; my $until = time + shift;
sub why { for (keys %!) { return $_ if $!{$_} } "unknown" }
for (@ARGV) {
  my ($kind, $address, $port) = split /,/;
  my $v6 = $address =~ /:/;
  my $to = $v6 ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address))
               : pack_sockaddr_in($port, inet_pton(AF_INET, $address));
  socket(my $socket, $v6 ? AF_INET6 : AF_INET, $kind eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM, 0)
    or do { print "$_ " . why() . "\n"; next };
  fcntl($socket, F_SETFL, O_NONBLOCK);
  if (!connect($socket, $to) && !$!{EINPROGRESS}) { print "$_ " . why() . "\n"; next }
  send($socket, 'x', 0) if $kind eq 'udp';
  $waiting{$_} = $socket;
}
while (%waiting && time < $until) {
  # What is asked by datagrams is mostly not answered: it is not waited for alone.
  $until = time + 1 if $until > time + 1 && !grep { /^tcp/ } keys %waiting;
  my $bits = ''; vec($bits, fileno($_), 1) = 1 for values %waiting;
  my $writing = ''; for (keys %waiting) { vec($writing, fileno($waiting{$_}), 1) = 1 if /^tcp/ }
  next if select(my $ready = $bits, my $sent = $writing, undef, 0.5) <= 0;
  for (keys %waiting) {
    my $fd = fileno($waiting{$_});
    if (/^tcp/ && vec($sent, $fd, 1)) {
      $! = unpack('i', getsockopt($waiting{$_}, SOL_SOCKET, SO_ERROR));
      print "$_ " . ($! ? why() : 'open') . "\n"; delete $waiting{$_}; next;
    }
    next unless vec($ready, $fd, 1);
    my $got = sysread($waiting{$_}, my $answer, 100);
    next if !defined $got && $!{EAGAIN};
    print "$_ " . (defined $got ? 'open' : why()) . "\n"; delete $waiting{$_};
  }
}
print "$_ silence\n" for keys %waiting;
`;

/** Also in Perl: says its own address, answers whoever comes to the port, and ends with its standard input's end or after a while. */
export const neighbourScript = String.raw`
use Socket; $| = 1;
my ($port, $seconds) = @ARGV;
socket(my $probe, AF_INET, SOCK_DGRAM, 0); connect($probe, pack_sockaddr_in(53, inet_aton('192.0.2.1')));
my (undef, $own) = unpack_sockaddr_in(getsockname($probe));
socket(my $door, AF_INET, SOCK_STREAM, 0); setsockopt($door, SOL_SOCKET, SO_REUSEADDR, 1);
bind($door, pack_sockaddr_in($port, INADDR_ANY)) && listen($door, 5) or die "cannot listen: $!";
print inet_ntoa($own), "\n";
alarm $seconds;
while (accept(my $guest, $door)) { print {$guest} "neighbour"; close $guest }
`;
