import type { Guard } from "./guard.ts";

const source = "packages/server/native/src";
const tests = "packages/server/test";

/** What pid 1 of a sandbox and its shim hold, and the sandboxes that wait. */
export const native: readonly Guard[] = [
  {
    guard: "a job's exit code is told as it was",
    file: `${source}/init.c`,
    take: "(u8)(status >> 8 & 255)",
    leave: "(u8)(status >> 8 & 127)",
    test: `${tests}/native/ends.test.ts`,
    title: "is told by its exit code",
  },
  {
    guard: "a job's end takes all of its processes",
    file: `${source}/init.c`,
    take: "CALL2(kill, -1, SIGKILL); /* all that is left */",
    test: `${tests}/native/ends.test.ts`,
    title: "takes all others with it",
  },
  {
    guard: "output ends at its limit, to the byte",
    file: `${source}/output.c`,
    take: "? 0 : stream->limit - stream->size;",
    leave: "? 0 : stream->limit - stream->size + 1;",
    test: `${tests}/native/output.test.ts`,
    title: "is kept to the byte up to its limit",
  },
  {
    guard: "what a killed pid 1 left in the pipes is stored",
    file: `${source}/end.c`,
    take: "while (stream->pipe >= 0 && output_move(output, n, clock_ns(CLOCK_MONOTONIC)) > 0);",
    test: `${tests}/native/kills.test.ts`,
  },
  {
    guard: "pid 1 gives itself a list of system calls that is shorter than the job's",
    file: `${source}/init.c`,
    take: "long done = filter_self();",
    leave: "long done = 0;",
    test: `${tests}/native/safety.test.ts`,
    title: "holds what it needs alone",
  },
  {
    guard: "what waits for a job ends with its server",
    file: `${source}/shim.c`,
    take: "if (!shim->has_job) shim->is_unwanted = 1;",
    test: `${tests}/native/hand-over.test.ts`,
    title: "ends when its server does",
  },
  {
    guard: "the end of a job has its room on the disk before the job begins",
    file: `${source}/shim.c`,
    take: "u8 room[EXIT_SIZE] = {'-'};",
    leave: "u8 room[1] = {'-'};",
    test: `${tests}/local/full-run-folder.test.ts`,
    title: "however little memory is left",
  },
  {
    guard: "a sandbox that waited serves one job",
    file: "packages/server/src/engines/local/spawner/warm-keeper.ts",
    take: "const [place] = places.splice(Math.max(warmed, 0), 1);",
    leave: "const place = places[Math.max(warmed, 0)];",
    test: `${tests}/local/warm-keeper.test.ts`,
    title: "in the same moment",
  },
  {
    guard: "a job sets no limits of others, as those of its pid 1",
    file: "packages/server/src/engines/local/bundle/seccomp.ts",
    take: `  answered("prlimit64", { errno: EPERM, args: [OF_OTHERS] }),\n`,
    leave: `  allowed("prlimit64", [OF_OTHERS]),\n`,
    test: `${tests}/local/isolation.test.ts`,
    title: "another's limits",
  },
  {
    guard: "a way to a port of a job ends with the job, also while the server holds it",
    file: `${source}/connect.c`,
    take: "if (fds[2].revents) return;",
    also: { file: `${source}/connect.c`, take: "CALL5(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);" },
    test: `${tests}/native/connect.test.ts`,
    title: "ends with the job",
  },
  {
    guard: "a way to a port of a job ends when the server lets go of it, also while the job keeps its end",
    file: `${source}/connect.c`,
    take: "if (out.is_ended && fds[0].revents & POLLHUP) return;",
    test: `${tests}/native/connect.test.ts`,
    title: "ends when the server lets go",
  },
  {
    guard: "no more ways to ports of one job are made than the shim may have processes for",
    file: `${source}/shim.h`,
    take: "WAYS_MOST = 64",
    leave: "WAYS_MOST = 65",
    test: `${tests}/native/connect.test.ts`,
    title: "is one of 64 at a time",
  },
  {
    guard: "a way to a port of a job that has ended makes room for another",
    file: `${source}/shim.c`,
    take: "forget_way(shim, (int)pid);",
    test: `${tests}/native/connect.test.ts`,
    title: "is one of 64 at a time",
  },
];
