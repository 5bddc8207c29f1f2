import { parentPort } from "node:worker_threads";

/** The resolver's thread, which hears by itself what it is told only when it has been there for a while. */
const LATE_MS = 2000;
const port = parentPort;
if (port === null) throw new Error("this is no thread");
const hear = port.on.bind(port);
port.on = ((name: "message", listener: (message: unknown) => void) => {
  if (name !== "message") return hear(name, listener);
  setTimeout(() => hear(name, listener), LATE_MS);
  return port;
}) as typeof port.on;
await import("./recording-thread.ts");
