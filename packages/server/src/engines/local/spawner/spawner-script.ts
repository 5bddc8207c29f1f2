import { measureScript } from "./measure-script.ts";
import { ownUsersScript } from "./own-users.ts";
import { view } from "./view.ts";

/**
 * The spawner's loop: one command a line on its standard input.
 *
 *   slot NAME ID     forks the shim of a prepared place, which waits for its job; its user ids begin with ID
 *   fifos DIR N M    makes the FIFOs DIR/N to DIR/M, answers "fifos N"
 *   measure NAME GROUP  answers "measure NAME" and four numbers, see measure-script.ts
 *   remove NAME      removes a job's own folder that is too deep or too big for the server, answers "remove NAME"
 *   again            starts over, as a shell never forgets a child it does not wait for
 *
 * The shim stays with its job, in the folder \`jobs/NAME\`, which the server renames to \`jobs/ID\` when the job comes:
 *
 *   alive     held open for writing: end of file there means that the shim is gone; "w" = ready, "s" = handed over
 *   go        one line from the server: id, output files, limit of a capped output; end of file = never mind
 *   started   the id, written before the runtime is executed: while it is empty no code of the job can have run, so
 *             where there is no room for it the shim ends instead
 *   init      what pid 1 of the job has to say, see init-command.ts
 *   exit      the runtime's exit status, or \`lost\`; one short write, so that it is whole or not there
 *
 *   dropped.1, dropped.2  bytes past the limit of a capped output, once its stream has ended
 *
 * A byte in \`exit\` and \`init\` holds their room until they are written, over it or behind it: memory may be full by then.
 * All its files are made before the job comes: making a file makes the journal of a busy disk wait, writing does not.
 *
 * It ignores the signals of a terminal, so that the job outlives the server and this loop, and PIPE: when the server is
 * gone nobody reads what a shell has to say of a child that was killed, and the exit must be written all the same.
 */
export const spawnerScript = `
umask 077
${ownUsersScript}# Unbuffered: what is written shows at once, and is not gone with a job that is killed.
keep() { stdbuf -o0 head -c "$1" && exec wc -c >"$2"; }
# A runtime that was killed leaves its notes behind, and a job whose processes keep the pumps waiting.
release() {
  [ "$1" -ge 128 ] && [ -d "${view.state}/$id" ] || return 0
  echo lost 1<>exit
  for g in ${view.groups}/*; do [ ! -e "$g/$2/cgroup.kill" ] || echo 1 >"$g/$2/cgroup.kill"; done
}
shim() {
  trap '' HUP INT TERM PIPE
  cd "${view.jobs}/$1" || exit
  [ "$2" = - ] || own_users "$2" || exit
  exec 9<>alive 8>alive 9<&- 4<>go 3<go 4<&-
  (
    : >config.json >started >runtime.log
    printf - >exit && printf - >init || exit 70
    for g in ${view.groups}/*; do echo 0 >"$g/$1/cgroup.procs" || exit 70; done
    echo w >&8
    IFS='	' read -r id out err limit <&3 || exit 71
    exec 3<&-
    [ "$limit" = - ] || printf - >status || exit 72
    echo "$id" >started || exit 72
    echo s >&8
    exec 8>&-
    trap - HUP INT TERM PIPE
    if [ "$limit" = - ]; then
      exec $RUN "$id" <"${view.sealed}/$id/stdin" >>"$out" 2>>"$err" 3>>init
    fi
    {
      { $RUN "$id" <"${view.sealed}/$id/stdin" 2>&6 3>>init 6>&- 7>&-; status=$?; echo $status 1<>status; release $status "$1"; } 6>&1 >&7 7>&- | keep "$limit" dropped.2 >>"$err" 7>&-
    } 7>&1 | keep "$limit" dropped.1 >>"$out"
    read -r status <status && [ "$status" != - ] && exit "$status"
    exit 137
  )
  status=$?
  read -r said <exit || :
  [ "$said" = lost ] || [ ! -s started ] || echo $status 1<>exit
  # Only a runtime that was killed leaves its notes behind.
  if [ $status -ge 128 ] && read -r id <started && [ -d "${view.state}/$id" ]; then rm -rf "${view.state}/$id"; fi
}
${measureScript}
while read -r verb name first last; do
  case $verb in
    slot) shim "$name" "$first" </dev/null >/dev/null & ;;
    fifos) i=$first; set --; while [ $i -le $last ]; do set -- "$@" "$name/$i"; i=$((i + 1)); done
      mkfifo -m 600 "$@"; echo "fifos $first" ;;
    measure) measure "$name" "$first" </dev/null & ;;
    remove) { rm -rf "${view.work}/$name"; echo "remove $name"; } </dev/null & ;;
    again) exec /bin/sh -c "$SPAWNER" berth-spawner ;;
  esac
done
`;
