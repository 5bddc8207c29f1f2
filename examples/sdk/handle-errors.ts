/*
 * What goes wrong has a code: branch on it, show the message and the fix to people.
 *
 *   BERTH_TOKEN=... node_modules/.bin/node --conditions=berth-source examples/sdk/handle-errors.ts
 */
import { connect, isBerthError } from "@berth/sdk";

const url = process.env["BERTH_URL"] ?? "http://127.0.0.1:7400";

try {
  const berth = await connect({ url, token: process.env["BERTH_TOKEN"], patience: { requestMs: 2_000 } });
  await berth.jobs.submit({ command: "true", resources: { memory: "a lot" }, timeouts: { run: "soon" } });
} catch (error) {
  if (!isBerthError(error)) throw error;
  console.log(`${error.code}: ${error.message}`);
  for (const { field, message } of error.problems) console.log(`  ${field}: ${message}`);
  console.log(`Fix: ${error.fix}`);
}
