import { ownUsersScript } from "./own-users.ts";
import { view } from "../host/view.ts";

/**
 * Builds the spawner's view of the host, once, in its own mount namespace. Arguments: the engine's folder for this run,
 * the folder of the jobs' own folders, the runtime, and one control group folder per hierarchy. What a job can see of the host is decided here, by an allow-list.
 */
export const viewScript = `
set -eu
umask 022
run=$1 work=$2 runtime=$3
shift 3
# A server that the host spares when memory runs out (OOMScoreAdjust) would pass that on to its jobs. As root has set the
# score here, no job can lower it again.
read -r score </proc/self/oom_score_adj
[ "$score" -ge 0 ] || echo 0 >/proc/self/oom_score_adj
v=$run/view
mkdir -p "$v"
mount -t tmpfs -o mode=0755,nosuid,size=16m berth "$v"
cd "$v"
mkdir -p fs/cgroup berth
cd berth
mkdir jobs sealed work rootfs state groups
mkdir -m 0700 users
printf 'nameserver %s\\n' "$NAMESERVER" >resolvers
# The runtime copies each job's configuration into its notes: 16 KiB at least, 6 MiB with the longest arguments. Memory
# of their own, and as much as tmpfs gives unasked, half of the host's: the originals lie in /run or /dev/shm, which have
# no more, so that these notes are never what runs out first. It costs what is in it.
mount -t tmpfs -o mode=0700,nosuid,nodev,noexec berth state
mount --bind "$run/jobs" jobs
mount --bind "$run/jobs" sealed
mount -o remount,bind,ro,nosuid,nodev,noexec sealed
mount --bind "$work" work
# Here, as not every runtime does it for a mount that the job may write.
mount -o remount,bind,nosuid,nodev work
: >runtime
mount --bind "$runtime" runtime
mount -o remount,bind,ro,nosuid runtime
n=0
for g in "$@"; do
  mkdir groups/$n
  mount --bind "$g" groups/$n
  n=$((n + 1))
done

cd rootfs
mkdir -p usr etc/secret proc dev tmp work sys run var root home
mkdir -m 1777 var/tmp
chmod 1777 tmp
for d in bin sbin lib lib32 lib64 libx32; do
  if [ -L /$d ]; then ln -s "$(readlink /$d)" $d
  elif [ -d /$d ]; then mkdir $d; mount --rbind /$d $d; fi
done
mount --rbind /usr usr
for d in /etc/alternatives /etc/ssl /etc/pki /etc/ca-certificates /etc/java-*; do
  [ -d "$d" ] || continue
  mkdir -p ".$d"
  mount --rbind "$d" ".$d"
done
# Keys that other programs of the host keep beside the public certificates.
for d in etc/ssl/private etc/pki/tls/private; do
  [ ! -d $d ] || mount -t tmpfs -o mode=0755,ro,size=4k berth $d
done
[ ! -e /etc/ld.so.cache ] || cp /etc/ld.so.cache etc/ld.so.cache
printf '%s\\n' 'root:x:0:0:root:/root:/usr/sbin/nologin' 'job:x:1000:1000:job:/work:/bin/sh' \\
  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' >etc/passwd
printf '%s\\n' 'root:x:0:' 'job:x:1000:' 'nogroup:x:65534:' >etc/group
printf '%s\\n' '127.0.0.1 localhost job' '::1 localhost' >etc/hosts
printf '%s\\n' 'passwd: files' 'group: files' 'hosts: files dns' >etc/nsswitch.conf
echo job >etc/hostname
: >etc/resolv.conf
# To be executed by everybody and read by nobody: what runs from such a file no process of the job can look into.
mkdir .init
for i in "$run"/init/*; do
  [ ! -e "$i" ] || { cp "$i" .init/ && chmod 0711 ".init/\${i##*/}"; }
done

# A read-only mount is so by itself, not by the one above it: each of them is set, also those that were there before.
while read -r _ _ _ _ at _; do
  case $at in "$v"/berth/rootfs/*) mount -o remount,bind,ro,nosuid,nodev "$(printf %b "$at")" ;; esac
done </proc/self/mountinfo

cd /
mount --rbind "$v/berth/rootfs" "$v/berth/rootfs"
mount -o remount,bind,ro,nosuid,nodev "$v/berth/rootfs"
mount --move "$v" /sys
# The one cgroup view that every runtime accepts; jobs are put into their groups before the runtime starts.
mount -t cgroup2 none /sys/fs/cgroup
${ownUsersScript}
# The probe. Made and not begun: its list of system calls, as the runtime translates it for the kernel, serves all.
cd "$run/probe"
rm -f filter seen
: >input
[ "$PROBE_USERS" = - ] || own_users "$PROBE_USERS"
if [ -n "$PROBE" ]; then
  if $PROBE create --bundle . probe <input >output 2>&1; then
    cp "${view.state}/probe/seccomp.bpf" filter.new && mv filter.new filter
  fi
  $PROBE delete --force probe <input >>output 2>&1 || :
fi
cd /
exec /bin/sh -c "$SPAWNER" berth-spawner
`.replaceAll("/sys/berth", view.state.slice(0, -"/state".length));
