import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import type { ServerProcess } from "../../packages/server/test/support/server-process.ts";
import type { AskedOfBoth } from "./ask-health.ts";

/** What the server itself told of its event loop. */
interface Standstill {
  time: string;
  operation: string;
  ms: number;
  cpuMs: number;
  collectedMs: number;
}

/** How `/healthz` was answered while something was done. */
export interface Seen extends AskedOfBoth {
  standstills: Standstill[];
}

/** Asks `/healthz` of a server all the while, from another process. */
export interface HealthWatch extends AsyncDisposable {
  /** What was seen since the last call of this, or since the beginning. */
  look(): Promise<Seen>;
}

export async function watchHealth(server: ServerProcess): Promise<HealthWatch> {
  const script = new URL("ask-health.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, server.url, String(server.pid)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect(await lines.next()).toMatchObject({ value: "asking" });
  let told = standstillsOf(server).length;
  return {
    async look() {
      child.stdin.write("\n");
      const { value, done } = await lines.next();
      if (done) throw new Error("Cannot read how long the health check took");
      const all = standstillsOf(server);
      const standstills = all.slice(told);
      told = all.length;
      return { ...(JSON.parse(value) as AskedOfBoth), standstills };
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      for (let last = await lines.next(); last.done !== true; last = await lines.next());
    },
  };
}

function standstillsOf({ log }: ServerProcess): Standstill[] {
  const lines = log.filter((line) => line.includes("The event loop stood still"));
  return lines.map((line) => {
    const { time, operation, ms, cpuMs, collectedMs } = JSON.parse(line) as Standstill;
    return { time, operation, ms, cpuMs, collectedMs };
  });
}

/** What a host may do to one try, it does not do to three in a row: collections of garbage, others, a processor taken away. */
const TRIES = 3;

/** Something that was done while the health was watched, and what was seen each time. */
export interface Part {
  what: string;
  tries: Seen[];
}

/** Does it, and does it again where too much was seen: what is its own fault shows every time. */
export async function tryPart(
  what: string,
  { once, isTooMuch }: { once: () => Promise<Seen>; isTooMuch: (seen: Seen) => boolean },
): Promise<Part> {
  const tries: Seen[] = [];
  for (let count = 0; count < TRIES; count += 1) {
    const seen = await once();
    tries.push(seen);
    if (!isTooMuch(seen)) break;
  }
  return { what, tries };
}
