import { Agent, get } from "node:http";

/** Asks `/healthz` of the server at the given address every 10 ms until its standard input ends; prints what it saw. */
const [, , url = ""] = process.argv;
const agent = new Agent({ keepAlive: true });
const seen = { asked: 0, slowestMs: 0 };

function ask(): void {
  const started = performance.now();
  const request = get(new URL("/healthz", url), { agent }, (answer) => {
    answer.resume();
    answer.on("end", () => {
      seen.asked += 1;
      seen.slowestMs = Math.max(seen.slowestMs, Math.round(performance.now() - started));
    });
  });
  request.on("error", () => undefined);
}

const timer = setInterval(ask, 10);
process.stdin.resume().on("end", () => {
  clearInterval(timer);
  agent.destroy();
  console.log(JSON.stringify(seen));
});
