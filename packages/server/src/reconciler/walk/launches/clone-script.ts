/** What the script exits with where git's own number would not say enough. */
export const cloneExit = {
  /** The folder that the code is to begin in leads out of the tree. */
  leadsOut: 94,
  /** The host of the engine cannot do it: no program, no room. */
  unable: 95,
  /** It took longer than it may. */
  slow: 96,
  /** What the name leads to is no commit. */
  noCommit: 97,
  tooManyFiles: 98,
  tooLarge: 99,
} as const;

/** Where the door is, and what of the stage's folder is not the repository's: names of it there are left out. */
export const DOOR = ".berth-door";
const GIT = ".berth-git";
const NOT_OF_THE_TREE = [DOOR, GIT, ".berth-input.json"];

/**
 * Leads connections through the door. `listen`: whatever comes to port 1080 of the sandbox's own loopback, as SOCKS as it is;
 * it is listening when it returns. `pipe`: standard input and output, to this host and port.
 */
export const RELAY = `use strict; use warnings; use IO::Socket::INET; use IO::Socket::UNIX;
my ($what, $door, $host, $port) = @ARGV;
sub copy { my ($from, $to) = @_; my $block;
  while (sysread($from, $block, 65536)) { my $at = 0;
    while ($at < length $block) { my $n = syswrite($to, $block, length($block) - $at, $at); exit 1 unless defined $n; $at += $n } } }
sub both { my ($in, $out, $far) = @_; my $child = fork; exit 1 unless defined $child;
  if ($child == 0) { copy($in, $far); shutdown($far, 1); exit 0 } copy($far, $out); }
sub take { my ($from, $n) = @_; my $all = ""; while (length $all < $n) { sysread($from, $all, $n - length $all, length $all) or die "the door is shut\\n" } $all }
$SIG{CHLD} = "IGNORE"; $SIG{PIPE} = "IGNORE";
if ($what eq "pipe") {
  my $far = IO::Socket::UNIX->new(Peer => $door) or die "there is no door\\n";
  syswrite($far, "\\5\\1\\0"); take($far, 2);
  syswrite($far, "\\5\\1\\0\\3" . chr(length $host) . $host . pack("n", $port));
  die "the door is shut\\n" if ord substr(take($far, 10), 1, 1);
  both(\\*STDIN, \\*STDOUT, $far); exit 0;
}
my $near = IO::Socket::INET->new(Listen => 16, LocalAddr => "127.0.0.1", LocalPort => 1080, ReuseAddr => 1) or die "no loopback\\n";
exit 0 if fork;
while (my $in = $near->accept) {
  next if fork; close $near; my $far = IO::Socket::UNIX->new(Peer => $door) or exit 1;
  both($in, $in, $far); shutdown($in, 1); exit 0;
}
`;

/** Reads \`git ls-tree -r -l -z\`: 1 too many files, 2 too many bytes. It reads no further then. */
const COUNT = `my ($files, $bytes) = (0, 0); $/ = "\\0";
while (<STDIN>) { $files++; $bytes += $1 if /^\\d+ blob \\S+\\s+(\\d+)\\t/; exit 1 if $files > $ARGV[0]; exit 2 if $bytes > $ARGV[1] }
`;

/** What git is told, of which nothing is a secret. */
export function gitConfig({
  origin,
  isSsh,
  hasCa,
}: {
  origin: string | null;
  isSsh: boolean;
  /** Whether there are certificates of its own: else it trusts whom this host trusts. */
  hasCa: boolean;
}): string {
  const shown = origin === null ? "" : `[credential "${origin}"]\n\thelper = "!sh /tmp/credential"\n`;
  const ssh = [
    "ssh -F none -oBatchMode=yes -oStrictHostKeyChecking=yes -oUserKnownHostsFile=/tmp/known_hosts",
    "-oGlobalKnownHostsFile=/dev/null -oIdentitiesOnly=yes -oConnectTimeout=30 -i /tmp/key",
    `-oProxyCommand='perl /tmp/relay pipe /work/${DOOR} %h %p'`,
  ].join(" ");
  return `[protocol]
\tallow = never
[protocol "${isSsh ? "ssh" : "http"}"]
\tallow = always
${isSsh ? "" : '[protocol "https"]\n\tallow = always\n'}[core]
\thooksPath = /dev/null
\taskPass =
\tbigFileThreshold = 8m
\tsshCommand = "${ssh}"
[http]
\tproxy = socks5h://127.0.0.1:1080
\tfollowRedirects = false
\tlowSpeedLimit = 1000
\tlowSpeedTime = 30
${hasCa ? "\tsslCAInfo = /tmp/ca\n\tsslCAPath = /tmp/home\n" : ""}[credential]
\thelper =
${shown}[transfer]
\tfsckObjects = true
\tbundleURI = false
[fetch]
\tunpackLimit = 1
\trecurseSubmodules = false
[pack]
\tthreads = 1
[submodule]
\trecurse = false
[gc]
\tauto = 0
[advice]
\tdetachedHead = false
`;
}

/**
 * $1 url, $2 ref, $3 most bytes, $4 most files, $5 seconds, $6 whether submodules come too, $7 what git is told, $8 the relay,
 * $9 hosts that ssh knows, $10 who is shown the password, $11 the commit that the server keeps of where the ref led, $12 whether
 * it has waited for another job, $13 the folder that the code begins in, $14 who is trusted to sign the host's certificate.
 * Credentials are files below /etc/secret. What it prints at its end, on stdout, is the commit, or that the ref still leads to what
 * is kept; git's words go to stderr.
 */
export const CLONE_SCRIPT = `set -u
PATH=/usr/bin:/bin
umask 077
url=$1 ref=$2 most=$3 entries=$4 seconds=$5 submodules=$6 config=$7 relay=$8 hosts=$9 user=\${10}
known=\${11} waited=\${12} subdir=\${13} ca=\${14}
[ "$waited" = 0 ] || echo "Another job was fetching the same: waited for that" >&2
kept() {
  echo "$ref still leads to $known, which is kept: nothing is fetched" >&2
  rm -f /work/${DOOR}
  echo "kept $known"
  exit 0
}
[ -z "$known" ] || [ "$known" != "$ref" ] || kept
mkdir -p /tmp/home
export PATH HOME=/tmp/home GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/tmp/gitconfig GIT_TERMINAL_PROMPT=0 LC_ALL=C
export GIT_ASKPASS=/bin/false SSH_ASKPASS=/bin/false GIT_LFS_SKIP_SMUDGE=1 GIT_ATTR_NOSYSTEM=1
printf '%s' "$config" >/tmp/gitconfig
printf '%s' "$relay" >/tmp/relay
printf '%s' "$hosts" >/tmp/known_hosts
printf '%s' "$ca" >/tmp/ca
if [ -n "$hosts" ]; then for k in /etc/secret/*; do { cat "$k"; echo; } >/tmp/key; done; fi
if [ -n "$user" ]; then
  printf 'username=%s\\n' "$user" >/tmp/user
  printf '%s' 'if [ "$1" = get ]; then cat /tmp/user; printf password=; cat /etc/secret/*; echo; fi' >/tmp/credential
fi
perl /tmp/relay listen /work/${DOOR} || exit ${cloneExit.unable}
ulimit -f $((most / 512 + 1)) 2>/dev/null || :
if [ -n "$known" ]; then
  timeout "$seconds" git ls-remote --quiet --end-of-options "$url" "$ref" "refs/$ref" "refs/tags/$ref^{}" >/tmp/refs
  code=$?
  [ "$code" -ne 124 ] || exit ${cloneExit.slow}
  [ "$code" -eq 0 ] || exit "$code"
  led=
  # The order in which git itself takes a short name for one of these.
  for name in "$ref" "refs/$ref" "refs/tags/$ref^{}" "refs/tags/$ref" "refs/heads/$ref"; do
    [ -n "$led" ] || led=$(while read -r id at; do if [ "$at" = "$name" ]; then echo "$id"; fi; done </tmp/refs)
  done
  [ "$led" != "$known" ] || kept
fi
umask 022
cd /work && git init -q --bare --template= /work/${GIT} >&2 || exit ${cloneExit.unable}
own() { git --git-dir=/work/${GIT} "$@"; }
timeout "$seconds" git --git-dir=/work/${GIT} fetch --quiet --depth 1 --no-tags --no-recurse-submodules \\
  --no-write-fetch-head --end-of-options "$url" "$ref:refs/berth/ref" >&2
code=$?
[ "$code" -ne 124 ] || exit ${cloneExit.slow}
if [ "$code" -ne 0 ]; then
  # Whoever writes the pack was ended by its limit, of which git says something else each time.
  cut=$(find /work/${GIT}/objects/pack -type f -size "+$((most / 512))b" | head -n 1)
  [ -z "$cut" ] || exit ${cloneExit.tooLarge}
  exit "$code"
fi
commit=$(own rev-parse --verify -q --end-of-options 'refs/berth/ref^{commit}') || exit ${cloneExit.noCommit}
own ls-tree -r -l -z "$commit" | perl -e '${COUNT}' "$entries" "$most" 2>/dev/null
case $? in 0) ;; 1) exit ${cloneExit.tooManyFiles} ;; *) exit ${cloneExit.tooLarge} ;; esac
tree() { timeout "$seconds" git --git-dir=/work/${GIT} --work-tree=/work "$@"; }
tree read-tree "$commit" >&2 || exit
tree rm -r -f -q --cached --ignore-unmatch -- ${NOT_OF_THE_TREE.map((name) => `:/${name}`).join(" ")} >&2 || exit
tree checkout-index -a -f -q >&2 || exit
if [ "$submodules" = 1 ]; then
  own config remote.origin.url "$url"
  own config core.bare false
  tree submodule --quiet update --init --recursive --depth 1 >&2
  code=$?
  [ "$code" -ne 124 ] || exit ${cloneExit.slow}
  [ "$code" -eq 0 ] || exit "$code"
  find /work -name .git -type f -delete
  [ "$(find /work -path /work/${GIT} -prune -o -print | head -n "$((entries + 1))" | wc -l)" -le "$entries" ] || exit ${cloneExit.tooManyFiles}
  [ "$(du -s -B1 --exclude=${GIT} /work | cut -f1)" -le "$most" ] || exit ${cloneExit.tooLarge}
fi
rm -rf /work/${GIT} /work/${DOOR}
if [ -n "$subdir" ] && [ -d "/work/$subdir" ]; then
  case $(cd "/work/$subdir" && pwd -P)/ in /work/*) ;; *) exit ${cloneExit.leadsOut} ;; esac
fi
echo "commit $commit"
`;
