/**
 * The answer for a folder that is in a project already, as its parent is. That one bounds all jobs together, and the kernel
 * lets nobody rename a folder of another project to there: jobs are measured.
 */
export const FOREIGN = "- the data folder is in a project of the operator's own";

/**
 * Sets and reads project quotas, for which Node has no calls: one command a line, one answer a line. Arguments: the block
 * device, and the number of `quotactl` on this processor.
 *
 *   give PATH KIB FILES   makes a project of its own of an empty folder, answers its number, or "-" and why not
 *   join PATH PROJECT     puts an empty folder into a project, answers "ok", or "-" and why not
 *   look PROJECT          answers the bytes and the files that it holds, or "-"
 *   free PROJECT          lifts its limits, answers "ok"
 *
 * What is made below the folder belongs to its project; nothing inside of a user namespace can change that.
 */
export const quotaScript = String.raw`
use strict;
use Fcntl;
$| = 1;
my ($device, $quotactl) = @ARGV;
my ($SETQUOTA, $GETQUOTA, $PROJECT) = (0x800008, 0x800007, 2);
my ($GETXATTR, $SETXATTR, $INHERIT) = (0x801c581f, 0x401c5820, 0x200);
sub limit {
  # As a number: a text would be passed as its address.
  my ($project, $kib, $files) = map { $_ + 0 } @_;
  my $block = pack("Q8 L x4", $kib, $kib, 0, $files, $files, 0, 0, 0, 1 | 4);
  return syscall($quotactl, $SETQUOTA << 8 | $PROJECT, $device, $project, $block) == 0;
}
sub held {
  my $project = $_[0] + 0;
  my $block = "\0" x 72;
  return unless syscall($quotactl, $GETQUOTA << 8 | $PROJECT, $device, $project, $block) == 0;
  my @fields = unpack("Q8", $block);
  return @fields[2, 5];
}
sub give {
  my ($path, $kib, $files) = @_;
  sysopen(my $folder, $path, O_RDONLY | O_NOFOLLOW) or return "- opening the folder: $!";
  my $attributes = "\0" x 28;
  ioctl($folder, $GETXATTR, $attributes) or return "- reading its project: $!";
  my @fields = unpack("L5", $attributes);
  my ($parent) = $path =~ m{^(.+)/};
  sysopen(my $above, $parent, O_RDONLY) or return "- opening the folder above: $!";
  my $inherited = "\0" x 28;
  ioctl($above, $GETXATTR, $inherited) or return "- reading the project above: $!";
  my @above = unpack("L5", $inherited);
  return "${FOREIGN}" if $above[0] & $INHERIT && $above[3] != 0;
  for (1 .. 20) {
    my $project = 0x40000000 + int(rand(0x3fffffff));
    my (undef, $taken) = held($project);
    next if $taken;
    limit($project, $kib, $files) or return "- setting the limit: $!";
    $fields[0] |= $INHERIT;
    $fields[3] = $project;
    $attributes = pack("L5 x8", @fields);
    ioctl($folder, $SETXATTR, $attributes) or return "- setting its project: $!";
    return $project;
  }
  return "- every number that was tried is taken";
}
sub join_project {
  my ($path, $project) = @_;
  sysopen(my $folder, $path, O_RDONLY | O_NOFOLLOW) or return "- opening the folder: $!";
  my $attributes = "\0" x 28;
  ioctl($folder, $GETXATTR, $attributes) or return "- reading its project: $!";
  my @fields = unpack("L5", $attributes);
  $fields[0] |= $INHERIT;
  $fields[3] = $project + 0;
  $attributes = pack("L5 x8", @fields);
  ioctl($folder, $SETXATTR, $attributes) or return "- setting its project: $!";
  return "ok";
}
while (my $line = <STDIN>) {
  my ($verb, @words) = split " ", $line;
  if ($verb eq "give") { print give(@words), "\n" }
  elsif ($verb eq "join") { print join_project(@words), "\n" }
  elsif ($verb eq "look") { my @held = held(@words); print @held ? "@held\n" : "-\n" }
  else { limit($words[0], 0, 0); print "ok\n" }
}
`;
