import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureAccess } from "./access.ts";
import { measureAudit } from "./audit.ts";
import type { Bench } from "./bench.ts";
import { measureCli } from "./cli.ts";
import { measureBigOutput } from "./big-output.ts";
import { measureDocker } from "./docker.ts";
import { measureFolders } from "./folders.ts";
import { measureGrpc } from "./grpc.ts";
import { measureLatency } from "./latency.ts";
import { measureLookUps } from "./look-ups.ts";
import { captureFloor } from "./measure/floor.ts";
import { describeMachine } from "./measure/machine.ts";
import { describePrices } from "./measure/host-prices.ts";
import { runJob } from "./measure/jobs.ts";
import type { Row } from "./measure/row.ts";
import { startServer } from "./measure/server.ts";
import { formatTable } from "./measure/table.ts";
import { warmUp, warmUpJobs } from "./measure/warm-up.ts";
import { measureManyTasks } from "./many-tasks.ts";
import { measureMemory } from "./memory.ts";
import { measureNetwork } from "./network.ts";
import { measurePostgres } from "./postgres.ts";
import { measureSubmitUnderLoad } from "./submit-under-load.ts";
import { measureTask } from "./task.ts";
import { measureThroughput } from "./throughput.ts";
import { measureValidation } from "./validation.ts";
import { measureWithHistory } from "./with-history.ts";

/** In this order: memory first, while the server is fresh. */
const figures: Record<string, (bench: Bench) => Promise<Row[]>> = {
  memory: measureMemory,
  latency: measureLatency,
  throughput: measureThroughput,
  "submit-under-load": measureSubmitUnderLoad,
  "big-output": measureBigOutput,
  "with-history": measureWithHistory,
  postgres: measurePostgres,
  grpc: measureGrpc,
  cli: measureCli,
  folders: measureFolders,
  access: measureAccess,
  audit: measureAudit,
  "look-ups": measureLookUps,
  network: measureNetwork,
  task: measureTask,
  "many-tasks": measureManyTasks,
  validation: measureValidation,
  docker: measureDocker,
};

const USAGE = `npm run bench -- [--quick] [--rounds N] [FIGURE..]

Figures: ${Object.keys(figures).join(", ")}
--quick measures a tenth, once, and writes no file; the table of a whole run goes to bench/RESULTS.md.
Needs root, and a host that runs nothing else meanwhile.`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    folder: { type: "string", default: "/var/tmp" },
    help: { type: "boolean", default: false },
  },
});

if (flags.help) console.log(USAGE);
else await run(positionals.length > 0 ? positionals : Object.keys(figures));

async function run(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(flags.folder, "berth-bench-"));
  const { rows, machine } = await measure(names, folder);
  rmSync(folder, { recursive: true, force: true });
  const report = [...machine.map((line) => `- ${line}`), "", formatTable(rows)].join("\n");
  console.log(`\n${report}`);
  if (!flags.quick && names.length === Object.keys(figures).length) writeResults(report);
}

async function measure(
  names: readonly string[],
  folder: string,
): Promise<{ rows: Row[]; machine: string[] }> {
  await using server = await startServer(folder);
  using floor = await captureFloor(server);
  const before = `load average before: ${loadavg()[0]?.toFixed(1)}`;
  const bench: Bench = {
    server,
    floor,
    rounds: flags.quick ? 1 : Number(flags.rounds),
    scale: flags.quick ? 0.1 : 1,
  };
  const prices = await describePrices(folder);
  const rows: Row[] = [];
  let isWarm = false;
  for (const name of names) {
    const figure = figures[name];
    if (figure === undefined) throw new Error(`There is no figure "${name}"\n\n${USAGE}`);
    console.error(`measuring ${name}`);
    // The memory of a server is judged from its first second on.
    if (figure !== measureMemory && !isWarm) {
      await warmUp(() => runJob(server.client), warmUpJobs * bench.scale);
      isWarm = true;
    }
    rows.push(...(await figure(bench)));
  }
  const after = `each server is measured after ${warmUpJobs * bench.scale} jobs, its memory when it is fresh`;
  return { rows, machine: [...describeMachine(floor.version), prices, before, after] };
}

/** The table is made anew; what people wrote below it stays. */
function writeResults(report: string): void {
  const path = join(import.meta.dirname, "RESULTS.md");
  const notes = existsSync(path) ? (/\n## Notes[^]*/.exec(readFileSync(path, "utf8"))?.[0] ?? "") : "";
  writeFileSync(path, `# Benchmark results\n\nMade by \`npm run bench\`.\n\n${report}\n${notes}`);
}
