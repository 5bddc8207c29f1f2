import type { Job } from "@berth/sdk";
import { sourceLine } from "@berth/protocol/sources";
import { formatSize } from "@berth/protocol/units";
import type { Column } from "../../../core/text/table.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { age, runningTime, shortCause } from "../job-sentences.ts";

interface JobColumn extends Column {
  text(job: Job, now: number): string;
}

/** What a list can show of a job. A column with `drop` gives way where the terminal is narrow, the highest first. */
const COLUMNS = {
  id: { title: "ID", text: ({ id }) => id },
  name: { title: "NAME", flexible: true, drop: 2, text: ({ name }) => name ?? "" },
  state: { title: "STATE", text: ({ state }) => state },
  age: { title: "AGE", drop: 3, text: ({ createdAt }, now) => age(createdAt, now) },
  time: { title: "TIME", drop: 4, text: (job, now) => runningTime(job, now) },
  cause: { title: "CAUSE", drop: 1, text: shortCause },
  command: {
    title: "COMMAND",
    flexible: true,
    drop: 5,
    text: ({ spec }) => sourceLine(spec),
  },
  owner: { title: "OWNER", drop: 5, text: ({ owner }) => owner },
  engine: { title: "ENGINE", drop: 6, text: ({ engine }) => engine },
  labels: {
    title: "LABELS",
    flexible: true,
    drop: 6,
    text: ({ labels }) =>
      Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(" "),
  },
  created: { title: "CREATED", drop: 6, text: ({ createdAt }) => createdAt },
  started: { title: "STARTED", drop: 6, text: ({ startedAt }) => startedAt ?? "" },
  ended: { title: "ENDED", drop: 6, text: ({ endedAt }) => endedAt ?? "" },
  exit: { title: "EXIT", drop: 6, text: ({ exitCode }) => (exitCode === null ? "" : String(exitCode)) },
  memory: {
    title: "MEMORY",
    drop: 6,
    text: ({ usage }) => (usage.peakMemoryBytes === null ? "" : formatSize(usage.peakMemoryBytes)),
  },
  output: { title: "OUTPUT", drop: 6, text: ({ usage }) => formatSize(usage.outputBytes) },
} as const satisfies Record<string, JobColumn>;

type ColumnName = keyof typeof COLUMNS;

export const columnNames = Object.keys(COLUMNS) as ColumnName[];

const DEFAULT: readonly ColumnName[] = ["id", "name", "state", "age", "time", "cause"];
/** From this width on there is room for what the jobs run. */
const WIDE = 100;

/** The columns that `--columns` asks for, in its order; without it those that fit a terminal of this width. */
export function columnsOf(given: string | undefined, width: number | null): readonly JobColumn[] {
  if (given === undefined) {
    const names: readonly ColumnName[] = width !== null && width >= WIDE ? [...DEFAULT, "command"] : DEFAULT;
    return names.map((name) => COLUMNS[name]);
  }
  return given.split(",").map((text) => {
    const name = columnNames.find((known) => known === text.trim().toLowerCase());
    // What was asked for by name is shown, however narrow the terminal is.
    if (name !== undefined) return { ...COLUMNS[name], drop: undefined };
    throw new UsageError(
      `Cannot show the column "${text}": there is none of this name`,
      `Choose from ${columnNames.join(", ")}`,
    );
  });
}

/**
 * As much of an id as is its time, to the millisecond: what is shown may not mean others as well that are not shown,
 * and ids of one minute share their first eight digits. A narrow terminal has room for the quarter of a second.
 */
const SHORTEST_ID = { wide: 13, narrow: 11 };
const NARROW = 60;

/** The length at which the beginnings of these ids tell them apart, on a terminal of this width. */
export function shortLength(ids: readonly string[], width: number | null): number {
  const sorted = [...new Set(ids)].toSorted();
  return sorted.reduce(
    (longest, id, at) => {
      const next = sorted[at + 1] ?? "";
      let same = 0;
      while (same < id.length && id[same] === next[same]) same += 1;
      const needed = id[same] === "-" || next[same] === "-" ? same + 2 : same + 1;
      return Math.max(longest, needed);
    },
    SHORTEST_ID[width !== null && width < NARROW ? "narrow" : "wide"],
  );
}
