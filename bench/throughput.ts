import { type Bench, inTurns, turnsARound } from "./bench.ts";
import { runMany } from "./measure/jobs.ts";
import type { Row } from "./measure/row.ts";
import { median } from "./measure/statistics.ts";

/** Many jobs at once: how many a second, and what each costs in CPU time (server, shims, runtime and job; not the client). */
export async function measureThroughput({ server, floor, rounds, scale }: Bench): Promise<Row[]> {
  // At least thrice as many as are at once, so that the last of a turn, which have the host for themselves, are few.
  const count = Math.max(Math.ceil((1000 * scale) / turnsARound), 96);
  const atOnce = async (workers: number) => {
    const found = await inTurns(rounds * turnsARound, {
      floor: () => floor.run({ count, atOnce: workers }),
      berth: async () => {
        const before = server.cpu.cpuMs();
        const wholeMs = await runMany(server.client, { count, atOnce: workers });
        return { wholeMs, cpuMs: server.cpu.cpuMs() - before };
      },
    });
    return {
      berth: rates(found.berth, count),
      floor: rates(found.floor, count),
    };
  };
  const eight = await atOnce(8);
  const many = await atOnce(32);
  return [
    {
      what: "jobs a second, 8 at once",
      unit: "1/s",
      berth: eight.berth.rate,
      floor: eight.floor.rate,
      goal: { kind: "ratio", atLeast: 0.8 },
    },
    {
      what: "jobs a second, 32 at once, against 8",
      unit: "1/s",
      berth: many.berth.rate,
      floor: eight.berth.rate,
      goal: { kind: "ratio", atLeast: 1 },
    },
    {
      what: "CPU a job, 8 at once",
      unit: "ms",
      berth: eight.berth.cpuMs,
      floor: eight.floor.cpuMs,
      goal: { kind: "ratio", atMost: 1.3 },
    },
    {
      what: "CPU a job, 32 at once",
      unit: "ms",
      berth: many.berth.cpuMs,
      floor: many.floor.cpuMs,
      goal: { kind: "ratio", atMost: 1.3 },
    },
  ];
}

function rates(
  runs: readonly { wholeMs: number; cpuMs: number }[],
  count: number,
): { rate: number; cpuMs: number } {
  return {
    rate: median(runs.map((run) => (count * 1000) / run.wholeMs)),
    cpuMs: median(runs.map((run) => run.cpuMs / count)),
  };
}
