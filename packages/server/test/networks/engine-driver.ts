import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Launch } from "../../src/engines/engine.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import type { LocalEngineOptions } from "../../src/engines/local/local-engine-options.ts";
import { armCrashPoint } from "../../src/lib/crash-point.ts";
import { patienceMs } from "../support/engine-bench.ts";

/**
 * Opens the local engine in the network namespace in which this program runs, and calls what it is told: a line
 * `[id, method, arguments]` of JSON is answered by `[id, result]` or `[id, null, message]`. A method that takes a signal
 * gets one, which `cancel` of its id aborts. Arguments: the options as JSON, and the crash point at which it is to die, or nothing.
 */
const [options = "", point = ""] = process.argv.slice(2);
const tell = (...words: unknown[]): void => console.log(JSON.stringify(words));
const engine = await createLocalEngine({
  ...(JSON.parse(options) as LocalEngineOptions),
  onNotice: (notice, detail) => tell("notice", `${notice}: ${JSON.stringify(detail)}`),
});
armCrashPoint(point || null);
tell("up", engine.capabilities);

async function call(
  id: number,
  method: "start" | "wait" | "contacts" | "exchange" | "cancel",
  args: [never],
): Promise<void> {
  const waits = method === "start" || method === "wait";
  const whole = waits ? [...args, signalFor(id)] : args;
  try {
    if (method === "cancel") return tell(id, underSignal.get(...(args as [number]))?.abort() ?? null);
    if (method === "exchange")
      return tell(id, await exchange(...(args as unknown as Parameters<typeof exchange>)));
    if (method === "start") reviveFiles(args);
    tell(id, (await engine[method](...(whole as [never, never]))) ?? null);
  } catch (error) {
    tell(id, null, (error as Error).message);
  }
}

/** JSON has no bytes. */
function reviveFiles([launch]: [Launch]): void {
  for (const file of launch.files) {
    const written = file.content as unknown as { data: number[] };
    Object.assign(file, { content: Uint8Array.from(written.data) });
  }
}

const underSignal = new Map<number, AbortController>();

function signalFor(id: number): AbortSignal {
  const controller = new AbortController();
  underSignal.set(id, controller);
  setTimeout(() => controller.abort(), patienceMs).unref();
  return controller.signal;
}

/** What a port of a job answers to that. */
async function exchange(handle: string, port: number, said: string): Promise<string> {
  const socket = await engine.connect(handle, port, AbortSignal.timeout(patienceMs));
  const answer = text(socket);
  socket.end(said);
  return await answer;
}

const underWay: Promise<void>[] = [];
for await (const line of createInterface({ input: process.stdin }))
  underWay.push(call(...(JSON.parse(line) as Parameters<typeof call>)));
await Promise.all(underWay);
await engine[Symbol.asyncDispose]();
