import { measureScript } from "./measure-script.ts";
import { ownUsersScript } from "./own-users.ts";
import { VIEW, view } from "../host/view.ts";

/**
 * The spawner's loop: one command a line on its standard input.
 *
 *   place NAME USER ID  forks the shim of a prepared place, which waits for its job; USER is the host's id of the job's
 *                    user, ID the first of those that a user namespace is to be made for, or -
 *   fifos DIR N M    makes the FIFOs DIR/N to DIR/M, answers "fifos N"
 *   measure NAME GROUP  answers "measure NAME" and four numbers, see measure-script.ts
 *   remove NAME      removes a job's own folder that is too deep or too big for the server, answers "remove NAME"
 *   again            starts over, as a shell never forgets a child it does not wait for
 *
 * The shim is `berth-init` (native/README.md): it stays with its job, in the folder \`jobs/NAME\`, which the server renames
 * to \`jobs/ID\` when the job comes.
 */
export const spawnerScript = `
umask 077
${ownUsersScript}shim() {
  [ "$3" = - ] || own_users "$3" || exit
  exec "${view.rootfs}/.init/init" shim "$1" "${VIEW}" "$2" $RUN
}
${measureScript}
while read -r verb name first last; do
  case $verb in
    place) shim "$name" "$first" "$last" </dev/null >/dev/null & ;;
    fifos) i=$first; set --; while [ $i -le $last ]; do set -- "$@" "$name/$i"; i=$((i + 1)); done
      mkfifo -m 600 "$@"; echo "fifos $first" ;;
    measure) measure "$name" "$first" </dev/null & ;;
    remove) { rm -rf "${view.work}/$name"; echo "remove $name"; } </dev/null & ;;
    again) exec /bin/sh -c "$SPAWNER" berth-spawner ;;
  esac
done
`;
