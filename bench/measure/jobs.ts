import type { JobSpecInput } from "@berth/protocol";
import type { Client } from "./client.ts";

/** What a benchmark reads of a job. */
interface Seen {
  id: string;
  state: string;
}

/** The command whose price is measured: it does next to nothing. */
export const smallCommand = ["/bin/echo", "x"] as const;

const smallJob: JobSpecInput = { command: smallCommand[0], args: smallCommand.slice(1) };

/** Submits and answers at the end of the job. Throws when it did not succeed. */
export async function runJob(
  client: Client,
  spec: JobSpecInput = smallJob,
): Promise<{ id: string; ms: number }> {
  const answer = await client.send("POST", "/api/v1/jobs?wait=60s", spec);
  const { id, state } = seen(answer.body);
  if (state !== "succeeded") throw new Error(`Job "${id}" is ${state}: ${answer.body}`);
  return { id, ms: answer.ms };
}

export async function submitJob(
  client: Client,
  spec: JobSpecInput = smallJob,
): Promise<{ id: string; ms: number }> {
  const answer = await client.send("POST", "/api/v1/jobs", spec);
  return { id: seen(answer.body).id, ms: answer.ms };
}

export async function waitForState(client: Client, id: string, state: string): Promise<void> {
  for await (const chunk of client.stream(`/api/v1/jobs/${id}/events`, "text/event-stream")) {
    if (chunk.includes(`event: ${state}\n`)) return;
  }
  throw new Error(`Job "${id}" has ended and was never ${state}`);
}

export async function stopJob(client: Client, id: string): Promise<void> {
  await client.send("POST", `/api/v1/jobs/${id}/stop`, { grace: "0s" });
  await client.send("GET", `/api/v1/jobs/${id}?wait=60s`);
}

/** Runs `count` jobs, `atOnce` at a time. Milliseconds for all of them. */
export async function runMany(client: Client, options: { count: number; atOnce: number }): Promise<number> {
  const began = performance.now();
  let left = options.count;
  const worker = async () => {
    while (left-- > 0) await runJob(client);
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
  return performance.now() - began;
}

function seen(body: string): Seen {
  const value: unknown = JSON.parse(body);
  if (typeof value === "object" && value !== null && "id" in value && "state" in value) {
    return { id: String(value.id), state: String(value.state) };
  }
  throw new Error(`Not a job: ${body}`);
}
