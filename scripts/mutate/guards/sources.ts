import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const clone = "packages/server/test/clone.test.ts";

/** Where the code of tasks comes from, and what it may do on its way. */
export const sources: readonly Guard[] = [
  {
    guard: "whoever defines a runner must be allowed the secret that is shown to its host",
    file: `${server}/operations/tasks/definitions/demand-usable.ts`,
    take: "if (source.credentials !== null)",
    leave: "if (source.credentials === undefined)",
    test: "packages/server/test/runner-sources.test.ts",
  },
  {
    guard: "what is shown to the host of a source is masked in what it says",
    file: `${server}/secrets/job-secrets.ts`,
    take: "[await this.given(job), await this.ofSource(job)]",
    leave: "[await this.given(job)]",
    test: clone,
    title: "shows no credentials",
  },
  {
    guard: "a door leads to the runner's host and port alone",
    file: `${server}/sources/door/open-door.ts`,
    take: "!isSameHost(asked.host, door.host) || asked.port !== door.port",
    leave: "asked.port === -1",
    test: `${server}/sources/door/open-door.test.ts`,
  },
  {
    guard: "a door lets in no more than its bytes",
    file: `${server}/sources/door/open-door.ts`,
    take: "if (passing.bytes <= door.mostBytes) return;",
    leave: "if (passing.bytes >= 0) return;",
    test: `${server}/sources/door/open-door.test.ts`,
  },
  {
    guard: "what a commit becomes is counted before it is unpacked",
    file: `${server}/reconciler/walk/launches/clone-script.ts`,
    take: "exit 2 if $bytes > $ARGV[1]",
    leave: "",
    test: clone,
    title: "may be no larger",
  },
  {
    guard: "git follows no redirect",
    file: `${server}/reconciler/walk/launches/clone-script.ts`,
    take: "followRedirects = false",
    leave: "followRedirects = true",
    test: clone,
    title: "a redirect",
  },
  {
    guard: "a kept tree is that of what the credentials hold, and not of their name",
    file: `${server}/sources/files/file-sources.ts`,
    take: "JSON.stringify([url, credentials, shown, network,",
    leave: "JSON.stringify([url, credentials, network,",
    test: clone,
    title: "is not given what was fetched by what its secret held before",
  },
  {
    guard: "a job begins in no folder that a kept tree leads out of",
    file: `${server}/reconciler/walk/prepare/prepare.ts`,
    take: "(await sources?.leadsOut(tree, folder)) === true",
    leave: "tree === folder",
    test: "packages/server/test/clone-hostile.test.ts",
    title: "has no task begin in a folder",
  },
  {
    guard: "nothing is kept of a tree whose job would begin outside of it",
    file: `${server}/reconciler/walk/launches/clone-script.ts`,
    take: "*) exit ${cloneExit.leadsOut} ;;",
    leave: "*) ;;",
    test: "packages/server/test/clone-hostile.test.ts",
    title: "has no task begin in a folder",
  },
  {
    guard: "the limit that a clone has met is told by its own name",
    file: `${server}/reconciler/walk/launches/why-not-cloned.ts`,
    take: "return disk <= (job.source?.mostBytes ?? 0) ?",
    leave: "return disk < 0 ?",
    test: `${server}/reconciler/walk/launches/why-not-cloned.test.ts`,
  },
  {
    guard: "of several stages that want one commit one fetches it",
    file: `${server}/reconciler/walk/launches/flights.ts`,
    take: "if (other === undefined) {",
    leave: "if (other === undefined || what !== stageId) {",
    test: "packages/server/test/clone-again.test.ts",
    title: "one fetches it, and the other",
  },
  {
    guard: "a stage that waits for the fetch of another hears of a stop",
    file: `${server}/reconciler/walk/launches/flights.ts`,
    take: "await abortable(other.over.promise, signal)",
    leave: "await other.over.promise",
    test: "packages/server/test/clone-again.test.ts",
    title: "the one that waits can be stopped",
  },
  {
    guard: "what is kept is not fetched again",
    file: `${server}/reconciler/walk/launches/clone-script.ts`,
    take: '[ "$led" != "$known" ] || kept',
    leave: "true",
    test: "packages/server/test/clone-again.test.ts",
    title: "is not fetched again",
  },
];
