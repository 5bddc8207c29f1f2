import { accessSync, constants, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { cgroupNameOf, removeControlGroups } from "./cgroup-name.ts";
import type { CommandLine, EngineCommands, EngineSubject } from "./engine-subject.ts";
import { leftovers, pids, readProc } from "./leftovers.ts";

const shell = (script: string, ...args: string[]): CommandLine => ({
  command: "sh",
  args: ["-c", script, "sh", ...args],
});
const perl = (script: string, ...args: string[]): CommandLine => ({
  command: "perl",
  args: ["-e", script, ...args],
});

const commands: EngineCommands = {
  exit: (code) => shell('exit "$1"', String(code)),
  die: (signal) => shell('kill -s "$1" $$', signal.slice("SIG".length)),
  print: ({ stdout, stderr = "" }) => shell('printf %s "$1"; printf %s "$2" >&2', stdout, stderr),
  bytes: (size) =>
    perl(
      'binmode STDOUT; print substr(pack("C*", 0..255) x ($ARGV[0] / 256 + 1), 0, $ARGV[0])',
      String(size),
    ),
  copyStdin: () => ({ command: "cat", args: [] }),
  printEnvironment: () => ({ command: "env", args: [] }),
  printFile: (path) => ({ command: "cat", args: ["--", path] }),
  printWorkdir: () => ({ command: "/usr/bin/pwd", args: [] }),
  save: (files) =>
    shell(
      'while [ $# -gt 0 ]; do mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1"; shift 2; done',
      ...Object.entries(files).flat(),
    ),
  sleep: (ms) => shell('echo ready; sleep "$1"; echo done', String(ms / 1000)),
  ignoreTerm: () => shell('trap "" TERM; echo ready; while :; do sleep 1000; done'),
  exitOnTerm: (code) => shell(`trap "exit ${code}" TERM; echo ready; while :; do sleep 1000 & wait; done`),
  forkOnTerm: () =>
    shell(`trap 'for n in 1 2 3; do (trap "" TERM; setsid sleep 1000) & done; exit 0' TERM
echo ready; while :; do sleep 1000 & wait; done`),
  leaveDaemon: () => shell("setsid sleep 1000 & exit 0"),
  echo: (port) =>
    perl(
      `use Socket; $| = 1; $SIG{CHLD} = "IGNORE"; socket(my $own, PF_INET, SOCK_STREAM, 0) or die;
bind($own, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die; listen($own, 100); print "ready\\n";
while (1) { accept(my $other, $own) or next; next if fork; while (sysread $other, my $part, 65536) {
  my $at = 0; while ($at < length $part) { $at += syswrite($other, $part, length($part) - $at, $at) or exit } } exit }`,
      String(port),
    ),
  missing: () => ({ command: "/no/such/program", args: [] }),
  saveStrangeFiles: () =>
    shell(
      "echo x >plain; ln -s /etc/shadow symlink; mkfifo fifo; echo y >hard-link-a; ln hard-link-a hard-link-b",
    ),
  useMemory: (bytes) => perl('my $held = "x" x $ARGV[0]; print "done\\n"', String(bytes)),
  useProcesses: (count) =>
    perl(
      'for (1..$ARGV[0]) { my $pid = fork; if (defined $pid && !$pid) { sleep 2; exit } } print "done\\n"',
      String(count),
    ),
  fillDisk: (bytes) =>
    shell(
      'for n in 1 2 3 4 5 6 7 8; do head -c "$1" /dev/zero >"part$n"; done; sleep 1000',
      String(bytes / 8),
    ),
};

/** With BERTH_TEST_MAKER=runtime the OCI runtime makes the sandboxes of these tests; all hold all the same. */
export const sandboxMaker = process.env["BERTH_TEST_MAKER"] === "runtime" ? "runtime" : "berth";

export const subject: EngineSubject = {
  name: "local",
  module: import.meta.url,
  commands,
  tellsSignals: true,
  missing: async () => {
    if (process.platform !== "linux") return "the host is not Linux";
    if (process.getuid?.() !== 0) return "the tests do not run as root";
    return isExecutable("/usr/bin/crun") ? null : "the runtime /usr/bin/crun is missing";
  },
  open: (root) =>
    createLocalEngine({ dataDir: join(root, "data"), cgroupName: cgroupNameOf(root), sandboxMaker }),
  lose: async (_, { id }) => {
    for (const pid of shimsOf(id)) process.kill(pid, "SIGKILL");
  },
  leftovers: (root, id) =>
    leftovers({ mark: id, folder: join(root, "data"), cgroupName: cgroupNameOf(root) }),
  remove: (root) => removeControlGroups(cgroupNameOf(root), { run: placesOf(join(root, "data")).run }),
};

/** The processes that hold a job's FIFO open for writing: its shim. The server only reads from it. */
export function shimsOf(id: string): number[] {
  return pids().filter((pid) => openForWriting(pid).some((path) => path.endsWith(`${id}/alive`)));
}

function openForWriting(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
      .filter((fd) => /^flags:\s+[0-7]*[1-35-7]$/m.test(readProc(pid, `fdinfo/${fd}`)))
      .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
