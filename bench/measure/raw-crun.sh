#!/bin/bash
# The floor: the same bundle, run by the runtime itself from a loop.
#
#   raw-crun.sh BUNDLE COUNT AT_ONCE PREFIX RUNTIME [OPTION..]
#
# Runs COUNT containers, AT_ONCE at a time. Prints the microseconds that each took (one at a time), then the
# microseconds of the whole. Each writes its output to a file, as a job does.
set -eu

bundle=$1 count=$2 at_once=$3 prefix=$4
shift 4

# run ID: EPOCHREALTIME costs no process, so that only the runtime is measured.
run() { "$@" run --bundle "$bundle" "$id" </dev/null >>"$bundle/out" 2>>"$bundle/err"; }

worker() {
  local i id
  for ((i = $1; i < count; i += at_once)); do
    id=$prefix-$i
    run "${@:2}"
  done
}

micros() { echo $(($2 - $1)); }

began=${EPOCHREALTIME/./}
if ((at_once == 1)); then
  for ((i = 0; i < count; i++)); do
    id=$prefix-$i
    before=${EPOCHREALTIME/./}
    run "$@"
    micros "$before" "${EPOCHREALTIME/./}"
  done
else
  workers=()
  for ((w = 0; w < at_once; w++)); do
    worker "$w" "$@" &
    workers+=($!)
  done
  for pid in "${workers[@]}"; do wait "$pid"; done
fi
micros "$began" "${EPOCHREALTIME/./}"
