/**
 * The spawner's view of the host. Its mount namespace is its own, and in it `/sys` is replaced: no data folder can be
 * there, and every path below is reachable for a job's user whatever the modes of the folders above the data folder.
 */
export const VIEW = "/sys/berth";

export const view = {
  /** What steers the jobs, one folder each. */
  jobs: `${VIEW}/jobs`,
  /** The same, read-only: a job that gets a file from there as its input can neither own nor write it. */
  sealed: `${VIEW}/sealed`,
  /** The jobs' own folders on the data disk. */
  work: `${VIEW}/work`,
  /** The root file system that all plain commands share, read-only. */
  rootfs: `${VIEW}/rootfs`,
  /** `resolv.conf` of jobs that have a network. */
  resolvers: `${VIEW}/resolvers`,
  /** One user namespace per range of ids, by its first id. */
  users: `${VIEW}/users`,
  /** The runtime's own notes, in memory. */
  state: `${VIEW}/state`,
  /** One folder per control group hierarchy: `jobs` of that hierarchy. */
  groups: `${VIEW}/groups`,
  /** The runtime's program on a read-only mount: it then need not copy itself for each job. */
  runtime: `${VIEW}/runtime`,
} as const;
