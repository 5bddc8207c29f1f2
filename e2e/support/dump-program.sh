# Makes the kernel start a program for each core file, which writes the number of who crashed to FILE: dump-program.sh FILE
set -eu
printf '#!/bin/sh\necho "$1" >>%s\nexec cat >/dev/null\n' "$1" >"$1.sh"
chmod 755 "$1.sh"
: >"$1"
echo "|$1.sh %P" >/proc/sys/kernel/core_pattern
