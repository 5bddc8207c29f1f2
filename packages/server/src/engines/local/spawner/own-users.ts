import { RANGE_SIZE } from "../bundle/id-range.ts";
import { view } from "../host/view.ts";

/**
 * A shell function: makes the user namespace of the ids from $1 on, once, at `users/$1`. What the kernel counts by user
 * (inotify, pending signals and timers, message queues) it also counts for who made the namespace, up to that one's
 * limit. Made by root, as the runtime would, one job could use up what root has; so it is made by the job's own first id.
 * The capability is for kernels where only the privileged may make one.
 */
export const ownUsersScript = `
own_users() {
  [ ! -e "${view.users}/$1.made" ] || return 0
  setpriv --reuid=$1 --regid=$1 --clear-groups --inh-caps=+sys_admin --ambient-caps=+sys_admin \\
    unshare --user /bin/sh -c 'echo $$; exec sleep 60' </dev/null | {
    read -r pid && echo "0 $1 ${RANGE_SIZE}" >/proc/$pid/uid_map && echo "0 $1 ${RANGE_SIZE}" >/proc/$pid/gid_map &&
      : >"${view.users}/$1" && mount --bind /proc/$pid/ns/user "${view.users}/$1" && : >"${view.users}/$1.made"
    made=$?
    kill -9 $pid
    exit $made
  }
}
`;
