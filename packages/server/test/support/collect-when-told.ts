/**
 * Loaded into a server before its own program, by `--import`: when SIGUSR2 comes it collects all garbage and says in its log how
 * many bytes are held, by objects and by buffers. What the system counts holds freed room too, which the allocator keeps.
 * The product reads no such signal.
 */
import { returnMemory } from "../../src/lib/return-memory.ts";

process.on("SIGUSR2", () => {
  returnMemory();
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`held ${heapUsed + external}\n`);
});
