import type { QueryResult } from "pg";
import type { Step, Written } from "../queries/database.ts";

/** What became of a write; an error where a statement of it failed. */
export type Outcome = Written | Error;

export type Settled = PromiseSettledResult<QueryResult<Record<string, unknown>>>;

export function isDone(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && !(outcome instanceof Error) && outcome.done;
}

/** What became of each write, by what became of its statements. */
export function sortOut(
  writes: readonly (readonly Step[])[],
  settled: readonly (readonly Settled[])[],
): Outcome[] {
  return writes.map((steps, at) => outcomeOf(steps, settled[at] ?? []));
}

function outcomeOf(steps: readonly Step[], settled: readonly Settled[]): Outcome {
  const rows: Record<string, unknown>[][] = [];
  for (const [index, one] of settled.entries()) {
    if (one.status === "rejected") return one.reason as Error;
    const { exactly, returns = false } = steps[index] ?? {};
    if (exactly !== undefined && one.value.rowCount !== exactly) return { done: false, failedStep: index };
    rows.push(returns ? one.value.rows : []);
  }
  return { done: true, rows };
}
