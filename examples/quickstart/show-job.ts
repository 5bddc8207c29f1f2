// Prints what is worth knowing of a finished job: `berth run --json … | node show-job.ts FOLDER-OF-ARTIFACTS`.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { formatDuration, formatSize, job, type Job } from "@berth/protocol";

const [folder = "."] = process.argv.slice(2);
show(job.parse(await json(process.stdin)));

function show({ id, state, cause, result, usage, isolation }: Job): void {
  section("Job", [id]);
  section("State", [`${state}: ${cause?.message ?? "no cause"}`]);
  section("Problems", [cause?.evidence["problems"] ?? []].flat().map(String));
  section("Result", resultLines(result));
  section("Resources", [usageLine(usage)]);
  const items = isolation?.items ?? [];
  section("Isolation", wrap(items.filter((item) => item.applied).map((item) => item.name)));
  section(
    "Not applied",
    items
      .filter((item) => !item.applied)
      .map((item) => `${item.name}: ${item.detail.replace(/^not applied /, "")}`),
  );
  section(
    "Artifacts",
    readdirSync(folder).map((name) => join(folder, name)),
  );
}

function section(title: string, lines: readonly string[]): void {
  for (const [i, line] of lines.entries()) console.log(`${(i === 0 ? title : "").padEnd(12)}${line}`);
}

function resultLines(result: unknown): string[] {
  if (typeof result !== "object" || result === null) return [JSON.stringify(result)];
  return Object.entries(result).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
}

function usageLine({ cpuMs, wallMs, peakMemoryBytes, outputBytes }: Job["usage"]): string {
  const parts = [
    cpuMs === null ? "CPU time not measured" : `${formatDuration(cpuMs)} CPU`,
    wallMs === null ? "no wall time" : `${formatDuration(wallMs)} in all`,
    peakMemoryBytes === null
      ? "peak memory not measurable on this host"
      : `${formatSize(peakMemoryBytes)} memory at most`,
    `${formatSize(outputBytes)} of output`,
  ];
  return parts.join(", ");
}

/** Words, comma-separated, in lines that fit a terminal of 80 columns. */
function wrap(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const [i, word] of words.entries()) {
    const text = i < words.length - 1 ? `${word},` : word;
    const last = lines.at(-1);
    if (last !== undefined && last.length + text.length < 66) lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(text);
  }
  return lines;
}
