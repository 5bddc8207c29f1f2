import type { Job, Stage } from "@berth/sdk";
import { formatDuration, formatSize } from "@berth/protocol/units";
import { inFlags } from "../../core/text/in-flags.ts";
import { type Column, renderTable } from "../../core/text/table.ts";

const COLUMNS: readonly (Column & { text(stage: Stage): string })[] = [
  { title: "STAGE", text: ({ kind }) => kind },
  { title: "STATE", text: ({ state }) => state },
  { title: "STARTED", drop: 2, text: ({ startedAt }) => startedAt ?? "" },
  { title: "TIME", text: ({ usage }) => (usage.wallMs === null ? "" : formatDuration(usage.wallMs)) },
  { title: "CPU", drop: 3, text: ({ usage }) => (usage.cpuMs === null ? "" : formatDuration(usage.cpuMs)) },
  {
    title: "OUTPUT",
    drop: 3,
    text: ({ startedAt, usage }) => (startedAt === null ? "" : formatSize(usage.outputBytes)),
  },
  {
    title: "CAUSE",
    flexible: true,
    drop: 1,
    text: ({ cause }) => (cause === null ? "" : inFlags(cause.message)),
  },
];

/** The stages of a job of several, with their times; null for a plain command, of which the job tells everything. */
export function stageTable({ stages = [] }: Job, columns: number | null): string | null {
  if (stages.length < 2) return null;
  const rows = stages.map((stage) => COLUMNS.map((column) => column.text(stage)));
  return renderTable(COLUMNS, rows, { columns });
}
