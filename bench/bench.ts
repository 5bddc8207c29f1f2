import type { Floor } from "./measure/floor.ts";
import type { BenchServer } from "./measure/server.ts";

/** What a figure works with. */
export interface Bench {
  server: BenchServer;
  floor: Floor;
  /** Times that Berth and its floor are measured in turn; the median counts. */
  rounds: number;
  /** Share of the full number of jobs: 1, or less for a quick look. */
  scale: number;
}

/** Short turns: what else the machine does changes from minute to minute, and then hits both. */
export const turnsARound = 5;

/** Berth and its floor in turn, so that a busy moment of the machine hits both. */
export async function inTurns<Theirs, Ours>(
  rounds: number,
  measure: { floor(): Promise<Theirs>; berth(): Promise<Ours> },
): Promise<{ floor: Theirs[]; berth: Ours[] }> {
  const found: { floor: Theirs[]; berth: Ours[] } = { floor: [], berth: [] };
  for (let round = 0; round < rounds; round++) {
    found.floor.push(await measure.floor());
    found.berth.push(await measure.berth());
  }
  return found;
}
