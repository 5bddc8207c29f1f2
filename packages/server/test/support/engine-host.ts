/**
 * A process that opens an engine, starts the jobs that it is told, and stays: to be killed by tests of what survives.
 * Arguments: the module of the engine's subject, the root folder. Each line on stdin is a launch as JSON; when it was
 * started its id is printed.
 */
import { createInterface } from "node:readline";
import type { Launch } from "../../src/engines/engine.ts";
import { patienceMs } from "./engine-bench.ts";
import type { EngineSubject } from "./engine-subject.ts";

const [module = "", root = ""] = process.argv.slice(2);
const { subject } = (await import(module)) as { subject: EngineSubject };
const engine = await subject.open(root);
for await (const line of createInterface({ input: process.stdin })) {
  const launch = JSON.parse(line) as Launch;
  await engine.start(launch, AbortSignal.timeout(patienceMs));
  console.log(launch.id);
}
