import { ownUsersScript } from "./own-users.ts";
import { view } from "../host/view.ts";

/** What comes once in each new view, before the spawner's loop. Its one argument is the engine's folder for this run. */
export const probeScript = `
set -eu
# A server that the host spares when memory runs out (OOMScoreAdjust) would pass that on to its jobs. As root has set the
# score here, no job can lower it again.
read -r score </proc/self/oom_score_adj
[ "$score" -ge 0 ] || echo 0 >/proc/self/oom_score_adj
${ownUsersScript}
# The probe. Made and not begun: its list of system calls, as the runtime translates it for the kernel, serves all.
cd "$1/probe"
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
`;
