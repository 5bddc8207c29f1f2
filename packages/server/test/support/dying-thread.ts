/** Looks like the writer thread until the first request, and dies of it. */
import { parentPort } from "node:worker_threads";

parentPort?.on("message", () => {
  throw new Error("dying as told");
});
parentPort?.postMessage({ kind: "open" });
