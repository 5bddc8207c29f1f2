#!/bin/bash
# The floor: the same bundle, run by the runtime itself from a loop.
#
#   raw-crun.sh BUNDLES COUNT AT_ONCE PREFIX RUNTIME [OPTION..] run [OPTION..]
#
# Runs COUNT containers, AT_ONCE at a time, each worker with a bundle of its own: BUNDLES/0, BUNDLES/1, ...
# Prints the microseconds that each took (one at a time), then the microseconds of the whole.
# Each writes its output to a file.
set -eu

bundles=$1 count=$2 at_once=$3 prefix=$4
shift 4

# EPOCHREALTIME costs no process, so that only the runtime is measured.
now() { printf -v "$1" %s "${EPOCHREALTIME/./}"; }

# worker N RUNTIME..: every AT_ONCE-th container, beginning with the N-th
worker() {
  local bundle=$bundles/$1 i before after
  # A file of its own: the runtime gives what it finds on descriptor 0 to the container's user, /dev/null of the host too.
  : >"$bundle/stdin"
  for ((i = $1; i < count; i += at_once)); do
    now before
    "${@:2}" --bundle "$bundle" "$prefix-$i" <"$bundle/stdin" >>"$bundle/out" 2>>"$bundle/err"
    now after
    ((at_once > 1)) || echo $((after - before))
  done
}

now began
workers=()
for ((w = 0; w < at_once; w++)); do
  worker "$w" "$@" &
  workers+=($!)
done
for pid in "${workers[@]}"; do wait "$pid"; done
now ended
echo $((ended - began))
