import { view } from "../host/view.ts";

/**
 * `measure NAME GROUP` of the spawner: what the job's own folder takes, the size of its largest file, what of
 * the first removed files take that are still open, and how many files and folders there are. A file takes
 * its blocks, not its size, but 4 KiB at least, as a disk has only so many files; one with several names counts once. A
 * file without a name counts while a process of the job holds it open or mapped: removing it has given nothing back. Each
 * thread is asked: it may have a table of its own, and where the first thread has ended it is the others that have one.
 *
 * Where the folder lies over a tree, what a job has open there belongs to the device of both together, as its processes see it.
 *
 * Whoever makes this slow, with files or descriptors by the million, gets what was seen in five seconds.
 */
export const measureScript = `
measure() {
  set -- "$1" "$2" $({
    timeout 5 find "${view.work}/$1" -maxdepth 0 -printf '%i %b %s %n / %D\\n'
    for pid in $(cat "${view.groups}/0/$2/cgroup.procs" "${view.groups}/0/$2"/*/cgroup.procs); do
      [ ! "/proc/$pid/root/work" -ef "${view.work}/$1" ] || break
      ! timeout 5 find "/proc/$pid/root/work" -maxdepth 0 -printf '%i %b %s %n @ %D\\n' || break
    done
    timeout 5 find "${view.work}/$1" -mindepth 1 -xdev -printf '%i %b %s %n %y %D\\n'
    for pid in $(cat "${view.groups}/0/$2/cgroup.procs" "${view.groups}/0/$2"/*/cgroup.procs); do
      printf '%s/fd\\0' /proc/$pid/task/*
      printf '/proc/%s/map_files\\0' "$pid"
    done | timeout 5 xargs -0r sh -c 'exec find -L "$@" -mindepth 1 -maxdepth 1 -links 0 -type f -printf "%i %b %s %n %y %D\\n"' sh
  } 2>/dev/null | awk '
    $5 == "/" { devices[$6]; isThere = 1; sum = ($2 * 512 > 4096) ? $2 * 512 - 4096 : 0; next }
    $5 == "@" { devices[$6]; next }
    !($6 in devices) { next }
    $5 == "f" && $4 != 1 && seen[$1]++ { next }
    { files++; bytes = ($2 * 512 > 4096) ? $2 * 512 : 4096; sum += bytes; if ($4 == 0) removed += bytes }
    $5 == "f" && $3 > largest { largest = $3 }
    END { if (isThere) printf "%.0f %.0f %.0f %.0f", sum, largest, removed, files }')
  echo "measure $1 $3 $4 $5 $6"
}
`;
