/*
 * Runs eight jobs at once, each in one round trip, and adds up what they say.
 *
 *   BERTH_TOKEN=... node_modules/.bin/node --conditions=berth-source examples/sdk/many-at-once.ts
 */
import { Berth } from "@berth/sdk";

const url = process.env["BERTH_URL"] ?? "http://127.0.0.1:7400";
const berth = new Berth({ url, token: process.env["BERTH_TOKEN"] });

const parts = Array.from({ length: 8 }, (_, part) => part);
const jobs = await Promise.all(
  parts.map((part) =>
    berth.jobs.submitAndWait(
      { command: "sh", args: ["-c", `echo $((${part} * ${part}))`], labels: { example: "many-at-once" } },
      { includeOutput: true, mayFail: true },
    ),
  ),
);

for (const { id, state, cause } of jobs) {
  if (state !== "succeeded") console.error(`job ${id} ${state}: ${cause?.message ?? ""}`);
}
const sum = jobs.reduce((total, { stdout }) => total + Number(stdout?.text ?? 0), 0);
console.log(`the squares of 0 to 7 add up to ${sum}`);
