const tests = "packages/server/test";

/** Another kernel and other control groups than the host's: limits, processes, disk, and what of the kernel a job reaches. */
export const wholeInGuest = [
  ...["engine-local", "abuse-memory", "limits-effect", "oom-score"].map((name) => `${tests}/${name}`),
  ...["abuse-processes", "abuse-disk", "abuse-goods"].map((name) => `${tests}/${name}`),
  ...["isolation", "mounts", "seccomp"].map((name) => `${tests}/local/${name}`),
];

/** Where memory has its limit, in the files whose other tests show what the host has shown. */
export const inGuestInPart = [
  "executor",
  "output-at-the-end",
  "engine-local-warm",
  "local/smallest-limits",
].map((name) => `${tests}/${name}`);

/** What `e2e/engine-local-v2.test.ts` has guests run: files from the root of the repository, without `.test.ts`. */
export const guestTests: readonly string[] = [
  ...wholeInGuest,
  ...inGuestInPart,
  ...["data-folder-quota", "disk-quota", "dump-program"].map((name) => `${tests}/${name}`),
];
