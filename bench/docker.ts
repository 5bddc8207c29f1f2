import { existsSync } from "node:fs";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { type Bench, inTurns } from "./bench.ts";
import { runJob, smallCommand } from "./measure/jobs.ts";
import type { Row } from "./measure/row.ts";
import { standby } from "./measure/standby.ts";
import { median } from "./measure/statistics.ts";

const SOCKET = "/var/run/docker.sock";
/** Any that holds the small command; it is not pulled here. */
const IMAGE = "debian:stable-slim";

/** One job after another against what a client of Docker's API does for the same: create, attach, start, wait, delete. */
export async function measureDocker({ server, rounds, scale }: Bench): Promise<Row[]> {
  const missing = await whyNot();
  if (missing !== null) {
    console.error(`SKIPPED: submit to exit against Docker's API, because ${missing}`);
    return [];
  }
  const count = Math.ceil(20 * scale);
  const found = await inTurns(rounds, {
    floor: async () => median(await repeat(count, dockerMs)),
    berth: async () =>
      median(
        await repeat(count, async () => {
          await standby(server.client);
          return (await runJob(server.client)).ms;
        }),
      ),
  });
  return [
    {
      what: "submit to exit, warm, against Docker's create, attach, start, wait, delete",
      unit: "ms",
      berth: median(found.berth),
      floor: median(found.floor),
      goal: { kind: "ratio", atMost: 0.04 },
    },
  ];
}

async function whyNot(): Promise<string | null> {
  if (!existsSync(SOCKET)) return `there is no ${SOCKET}`;
  const { status } = await ask("GET", `/images/${IMAGE}/json`);
  return status === 200 ? null : `Docker has no image ${IMAGE}`;
}

async function dockerMs(): Promise<number> {
  const began = performance.now();
  const { body } = await ask("POST", "/containers/create", { Image: IMAGE, Cmd: smallCommand });
  const { Id: id } = JSON.parse(body) as { Id: string };
  const output = ask("POST", `/containers/${id}/attach?stream=1&stdout=1&stderr=1&logs=1`);
  await ask("POST", `/containers/${id}/start`);
  await ask("POST", `/containers/${id}/wait`);
  await output;
  await ask("DELETE", `/containers/${id}`);
  return performance.now() - began;
}

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: string }> {
  const headers = { "content-type": "application/json" };
  return await new Promise((resolve, reject) => {
    const sent = request({ socketPath: SOCKET, path, method, headers }, (answer) => {
      text(answer).then((content) => resolve({ status: answer.statusCode ?? 0, body: content }), reject);
    });
    sent.once("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function repeat(count: number, measure: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push(await measure());
  return found;
}
