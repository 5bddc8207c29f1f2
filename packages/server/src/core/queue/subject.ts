/** Whom a quota bounds: a principal by its name, or the members of a group together, by the group's key. */
export interface Subject {
  kind: "user" | "group";
  name: string;
}

/** What one may have; null: no bound. */
export interface Bounds {
  jobs: number | null;
  jobsPerHour: number | null;
  /** Thousandths of a core: sums of them are exact. */
  cpuMilli: number | null;
  memory: number | null;
  storedBytes: number | null;
}

export interface StoredQuota extends Bounds {
  subject: Subject;
}

/** What a running job has by its limits; null where it has none. */
export interface Needs {
  cpuMilli: number | null;
  memory: number | null;
}

export function sentenceName({ kind, name }: Subject): string {
  return kind === "user" ? `"${name}"` : `Group "${name}"`;
}

/** What a job takes of its owner's quotas while it runs. */
export function needsOf({
  cpu,
  memory,
}: {
  cpu: { value: number } | null;
  memory: { value: number } | null;
}): Needs {
  return { cpuMilli: cpu === null ? null : milliOf(cpu.value), memory: memory?.value ?? null };
}

export function milliOf(cores: number): number {
  return Math.ceil(Math.round(cores * 1e6) / 1000);
}
