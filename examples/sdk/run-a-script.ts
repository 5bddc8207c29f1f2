/*
 * Sends a program and its data, shows its output as it comes, then takes its result and an artifact home.
 *
 *   BERTH_TOKEN=... node_modules/.bin/node --conditions=berth-source examples/sdk/run-a-script.ts
 */
import { Berth } from "@berth/sdk";

const url = process.env["BERTH_URL"] ?? "http://127.0.0.1:7400";
const berth = new Berth({ url, token: process.env["BERTH_TOKEN"] });

const program = `
import csv, json
rows = list(csv.DictReader(open("sales.csv")))
print(len(rows), "rows", flush=True)
totals = {}
for row in rows:
    totals[row["fruit"]] = totals.get(row["fruit"], 0) + float(row["price"])
open("totals.txt", "w").write("\\n".join(f"{fruit} {price:.2f}" for fruit, price in totals.items()))
json.dump(totals, open("result.json", "w"))
`;

const job = await berth.jobs.submit({
  command: "python3",
  args: ["totals.py"],
  files: { "totals.py": program, "sales.csv": "fruit,price\napple,1.20\npear,2.50\napple,0.80\n" },
  resultFile: "result.json",
  collect: ["totals.txt"],
  timeouts: { run: "1m" },
});

for await (const { stream, data } of job.output()) process[stream].write(data);

const { state, cause, usage } = await job.done({ mayFail: true });
console.log(`${state} after ${usage.wallMs ?? "?"} ms`);
if (state === "succeeded") {
  console.log("result:", await job.result());
  for await (const bytes of job.artifact("totals.txt")) process.stdout.write(bytes);
  console.log();
} else {
  console.error(cause?.message);
  process.exitCode = 1;
}
