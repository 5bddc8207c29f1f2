/*
 * Runs commands in isolation from within this process: no server, no network. As root:
 *
 *   node_modules/.bin/node --conditions=berth-source examples/executor/run-commands.ts
 */
import { createExecutor } from "@berth/server/executor";

await using executor = await createExecutor({
  limits: { cpu: "50%", memory: "64Mi" },
  onNotice: (notice, detail) => console.error(notice, detail),
});

// A command and its end.
const greeting = await executor.execute("sh", ["-c", "echo hello from $(hostname); exit 3"]);
const { state, exitCode, cause } = await greeting.wait();
console.log(`1. ${state} with exit code ${exitCode}: ${cause?.message}`);

// Two readers at once, each from the first byte and at its own pace.
const counter = await executor.execute("sh", ["-c", "for n in 1 2 3; do echo $n; sleep 0.1; done"]);
const [first, second] = await Promise.all([textOf(counter.output()), textOf(counter.output())]);
console.log(`2. both readers got the same: ${first === second}, ${JSON.stringify(first)}`);

// Limits of its own, input files, and what it used.
const script = "import hashlib\nprint(hashlib.sha256(open('data.bin', 'rb').read()).hexdigest())\n";
const hash = await executor.execute("python3", ["hash.py"], {
  files: { "hash.py": script, "data.bin": new Uint8Array([1, 2, 3]) },
  resources: { cpu: 1, pids: 16 },
  timeouts: { run: "1m" },
});
console.log(`3. ${(await textOf(hash.output({ stream: "stdout" }))).trim()}`);
const { usage, isolation } = await hash.wait();
const cpuLimit = isolation?.items.find(({ name }) => name === "cpu-limit");
console.log(`   ${usage.outputBytes} bytes of output, CPU limit applied: ${cpuLimit?.applied}`);

// One that does not end by itself, and does not listen to TERM: KILL after the grace.
const stubborn = await executor.execute("sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]);
for await (const chunk of stubborn.output()) if (chunk.data.length > 0) break;
const stopped = await stubborn.stop(200);
console.log(`4. ${stopped.state}, KILL was needed: ${String(stopped.cause?.evidence["forced"])}`);

// Still running here: the executor ends it as this block ends, and leaves nothing on the host.
await executor.execute("sleep", ["1000"]);

async function textOf(output: AsyncIterable<{ data: Uint8Array }>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const { data } of output) parts.push(data);
  return Buffer.concat(parts).toString();
}
