import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { BenchServer } from "./server.ts";

/** The command line as people start it. */
export const LAUNCHER = join(import.meta.dirname, "../../bin/berth");

/** How long a program runs whose output is read and thrown away; what it says beside that is shown when it fails. */
export async function millis(program: string, args: readonly string[], server: BenchServer): Promise<number> {
  const began = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: environment(server) });
  child.stdout.resume();
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  const ms = performance.now() - began;
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${said}`);
  return ms;
}

export function environment({ url, token }: BenchServer): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, BERTH_URL: url, BERTH_TOKEN: token };
}
