import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Launch } from "../../src/engines/engine.ts";
import type { EngineBench } from "./engine-bench.ts";
import { testModule, testProgram } from "./launcher.ts";

/**
 * Starts jobs from another process that has the same engine open on the same folder, as the server before a restart,
 * and kills that process once `whenStarted` has resolved. Nothing is closed, nothing is said.
 */
export async function startAndCrash(
  { subject, root }: Pick<EngineBench, "subject" | "root">,
  { launches, whenStarted }: { launches: readonly Launch[]; whenStarted: () => Promise<unknown> },
): Promise<void> {
  const [node, ...program] = testProgram(new URL("engine-host.ts", import.meta.url));
  const host = spawn(node, [...program, testModule(subject.module), root], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(host, "exit");
  try {
    const started = new Set<string>();
    host.stdin.write(launches.map((launch) => `${JSON.stringify(launch)}\n`).join(""));
    for await (const id of createInterface({ input: host.stdout })) {
      started.add(id);
      if (started.size === launches.length) break;
    }
    if (started.size < launches.length) throw new Error("Cannot start the jobs: the other process has ended");
    await whenStarted();
  } finally {
    host.kill("SIGKILL");
    await exited;
  }
}
