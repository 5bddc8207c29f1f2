import { sourceLine, sourceOf } from "@berth/protocol/sources";
import type { ContactCounts, Isolation, Job } from "@berth/sdk";
import { formatDuration, formatSize } from "@berth/protocol/units";
import { idFlag, oneId } from "./job-id.ts";
import { idOf } from "./job-reference.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { notesOf } from "./job-sentences.ts";
import { inFlags } from "../../core/text/in-flags.ts";
import { printable } from "../../core/text/printable.ts";

export const jobStatus = defineCommand({
  arguments: [{ name: "ID", about: "Job: its id, the beginning of it, or its name", optional: true }],
  flags: { ...idFlag, ...jsonFlag },
  examples: [
    { line: "berth status 0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7", about: "for people" },
    { line: "berth status --json ID | jq .cause.code", about: "for scripts" },
  ],
  async run({ args, flags }, cli) {
    const reference = oneId(args, flags.id);
    const berth = await cli.dial();
    const id = await idOf(reference, berth.jobs);
    const job = await berth.jobs.get(id);
    if (flags.json) {
      await cli.out.json(job);
      return exitCodes.ok.code;
    }
    const lines = describe(job).map(
      ([name, text]) => `${cli.paintOut("dim", name.padEnd(10))} ${printable(text)}`,
    );
    const all = [...lines, ...isolationLines(job.isolation, cli.paintOut)];
    const { columns } = cli.out;
    const { wrap } = await import("../../core/text/wrap.ts");
    await cli.out.line(all.map((line) => wrap(line, { columns, indent: INDENT })).join("\n"));
    const { stageTable } = await import("./stage-table.ts");
    const stages = stageTable(job, columns);
    if (stages !== null) await cli.out.line(`\n${stages}`);
    return exitCodes.ok.code;
  },
});

/** Where the values stand, below which long ones go on. */
const INDENT = 11;

function describe(job: Job): [string, string][] {
  const { usage, cause, spec } = job;
  const rows: [string, string | null][] = [
    ["id", job.id],
    ["name", job.name],
    ["state", job.state],
    ["cause", cause === null ? null : `${inFlags(cause.message)} (${cause.code})`],
    ...notesOf(job).map((note): [string, string] => ["note", note]),
    ["exit code", job.exitCode === null ? null : String(job.exitCode)],
    ["signal", job.signal],
    [sourceOf(spec).kind, sourceLine(spec)],
    [
      "labels",
      Object.entries(job.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(" ") || null,
    ],
    ["owner", job.owner],
    ["engine", job.engine],
    ["network", networkOf(job)],
    ["contacts", job.contacts === undefined ? null : contactsLine(job.contacts)],
    ["created", job.createdAt],
    ["started", job.startedAt],
    ["ended", job.endedAt],
    ["deadline", job.deadlineAt],
    ["time", usage.wallMs === null ? null : formatDuration(usage.wallMs)],
    ["CPU", usage.cpuMs === null ? null : formatDuration(usage.cpuMs)],
    ["memory", usage.peakMemoryBytes === null ? null : `${formatSize(usage.peakMemoryBytes)} at most`],
    ["output", formatSize(usage.outputBytes)],
    ["result", job.result === null ? null : JSON.stringify(job.result)],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

/** An older server tells of none. */
function networkOf({ network }: Partial<Job>): string | null {
  return network ?? null;
}

function contactsLine({ reached, refused, others }: ContactCounts): string {
  const parts = [
    reached === 0 ? null : `${reached} reached`,
    refused === 0 ? null : `${refused} refused`,
    others === 0 ? null : `${others} destinations not kept one by one`,
  ].filter((part) => part !== null);
  return `${parts.join(", ") || "none"}: \`berth contacts\` lists them`;
}

function isolationLines(
  isolation: Isolation | null,
  paint: (color: "yellow" | "dim", text: string) => string,
): string[] {
  if (isolation === null) return [];
  return [
    `${paint("dim", "isolation ")} ${printable(isolation.level)}`,
    ...isolation.items.map(({ name, applied, detail }) => {
      const text = `${applied ? "applied" : "not applied"}: ${name}: ${detail}`;
      return `${" ".repeat(11)}${applied ? printable(text) : paint("yellow", printable(text))}`;
    }),
  ];
}
