import { createConnection } from "node:net";
import { buffer } from "node:stream/consumers";
import { type OutputChunk, outputChunk, outputFramesType } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ApiBench, type RunningJob } from "./support/api-bench.ts";
import { parseFrames } from "./support/parse-frames.ts";
import { readSse, type SseEvent } from "./support/read-sse.ts";
import { until } from "./support/until.ts";

let api: ApiBench;
let url: string;
beforeAll(async () => {
  api = await ApiBench.open();
  url = await api.listen();
});
afterAll(() => api[Symbol.asyncDispose]());

async function open(
  path: string,
  {
    accept = "*/*",
    headers = {},
    signal,
  }: { accept?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  return fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${api.tokens.ann}`, accept, ...headers },
    ...(signal && { signal }),
  });
}

async function endedJob(stdout: string | Buffer, stderr = ""): Promise<RunningJob> {
  const job = await api.runningJob();
  await job.write(stdout);
  if (stderr !== "") await job.write(stderr, "stderr");
  await job.end();
  return job;
}

const bytesOf = ({ data }: OutputChunk): Buffer => Buffer.from(data, "base64");

it("sends raw bytes exactly, from any offset of any stream", async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256));
  const job = await endedJob(bytes, "oops");
  const path = `/api/v1/jobs/${job.id}/output`;
  const whole = await open(`${path}?stream=stdout`);
  expect(whole.headers.get("content-type")).toBe("application/octet-stream");
  expect(whole.headers.get("x-content-type-options")).toBe("nosniff");
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
  const rest = await open(`${path}?stream=stdout&offset=299990`);
  expect(Buffer.from(await rest.arrayBuffer())).toEqual(bytes.subarray(299_990));
  expect(await (await open(`${path}?stream=stderr&offset=4`)).text()).toBe("");
  expect((await (await open(path)).arrayBuffer()).byteLength).toBe(300_004);
});

it("sends lines of JSON that add up to the bytes", async () => {
  const job = await endedJob("\u0000\n\u001b[31mred", "oops");
  const response = await open(`/api/v1/jobs/${job.id}/output`, { accept: "application/x-ndjson" });
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const chunks = (await response.text())
    .trimEnd()
    .split("\n")
    .map((line) => outputChunk.parse(JSON.parse(line)));
  const of = (stream: string): string =>
    Buffer.concat(chunks.filter((chunk) => chunk.stream === stream).map(bytesOf)).toString();
  expect([of("stdout"), of("stderr")]).toEqual(["\u0000\n\u001b[31mred", "oops"]);
});

it("follows a job to its end, and says that it was the end", async () => {
  const job = await api.runningJob();
  const response = await open(`/api/v1/jobs/${job.id}/output?follow=true`, { accept: "text/event-stream" });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const events = readSse(response);
  await job.write("one");
  expect((await events.next()).value).toMatchObject({ id: "3", event: "output" });
  await job.write("three");
  await job.end();
  const rest = await Array.fromAsync(events);
  expect(rest.at(-1)).toEqual({ id: "8", event: "end", data: { offset: 8 } });
});

it("sends frames no faster than they are read, and all of them", async () => {
  const bytes = Buffer.alloc(3_000_000, "0123456789");
  const job = await endedJob(bytes);
  const response = await open(`/api/v1/jobs/${job.id}/output`, { accept: outputFramesType });
  const frames = parseFrames(await buffer(response.body as AsyncIterable<Uint8Array>));
  expect(Buffer.concat(frames.map(({ data }) => data)).equals(bytes)).toBe(true);
});

it("sends frames: a head of fixed size before each piece, and the end as a head of its own", async () => {
  const job = await api.runningJob();
  const accept = `${outputFramesType}, text/event-stream;q=0.5`;
  const response = await open(`/api/v1/jobs/${job.id}/output?follow=true&offset=1`, { accept });
  expect(response.headers.get("content-type")).toBe(outputFramesType);
  await job.write("\u0000one");
  await job.write("oops", "stderr");
  await job.end();
  const frames = parseFrames(Buffer.from(await response.arrayBuffer()));
  const seen = frames.map(({ kind, offset, data }) => `${kind} ${offset} ${data.toString()}`);
  expect(seen).toEqual(["stdout 1 one", "stderr 4 oops", "end 8 "]);
  expect(Math.abs((frames[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
});

it("ABUSE 15: goes on exactly where a reader was cut off, hundreds of times", async () => {
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index}\n`);
  const job = await api.runningJob();
  let id = "";
  let seen = "";
  let cuts = 0;
  /** A reader that is cut off after so many events; true when it came to the end. */
  const readSome = async (most: number): Promise<boolean> => {
    const cut = new AbortController();
    const headers: Record<string, string> = id === "" ? {} : { "last-event-id": id };
    const path = `/api/v1/jobs/${job.id}/output?follow=true&offset=0`;
    const response = await open(path, { accept: "text/event-stream", headers, signal: cut.signal });
    let read = 0;
    for await (const event of readSse(response)) {
      if (event.event === "end") return true;
      seen += bytesOf(event.data as OutputChunk).toString();
      id = event.id;
      if (++read === most) break;
    }
    cut.abort();
    cuts += 1;
    return false;
  };
  // Each line is an event of its own: it is written when the one before it has been read.
  for (const [index, line] of lines.entries()) {
    await job.write(line);
    await readSome(1);
    // And one that has read nothing by then.
    if (index % 10 === 0) await abortedAtOnce(`/api/v1/jobs/${job.id}/output?follow=true&offset=0`);
  }
  await job.end();
  expect(await readSome(1000)).toBe(true);
  expect(seen).toBe(lines.join(""));
  expect(cuts).toBe(lines.length);
});

/** Asks for a stream, and is gone before its first byte. */
async function abortedAtOnce(path: string): Promise<void> {
  const cut = new AbortController();
  const response = await open(path, { accept: "text/event-stream", signal: cut.signal });
  cut.abort();
  await response.text().catch(() => "");
}

it("sends a job's events from the first to the terminal one, then ends", async () => {
  const job = await api.jobs.insert({ owner: "ann" });
  const events = readSse(await open(`/api/v1/jobs/${job.id}/events`, { accept: "text/event-stream" }));
  expect((await events.next()).value).toMatchObject({
    id: "1",
    event: "queued",
    data: { jobId: job.id, seq: 1 },
  });
  for (const state of ["preparing", "running", "succeeded"] as const) await api.jobs.move(job.id, state);
  const rest = await Array.fromAsync(events);
  expect(rest.map(({ id, event }: SseEvent) => `${id} ${event}`)).toEqual([
    "2 preparing",
    "3 running",
    "4 succeeded",
  ]);
});

it("sends only the events after the last one that a reader saw", async () => {
  const job = await api.jobOf("succeeded");
  const headers = { "last-event-id": "2" };
  const events = await Array.fromAsync(readSse(await open(`/api/v1/jobs/${job.id}/events`, { headers })));
  expect(events.map(({ event }) => event)).toEqual(["running", "succeeded"]);
});

it("ABUSE 15: cuts a stream off, instead of ending it, when it is not whole", async () => {
  const job = await api.runningJob();
  await job.write("half");
  const response = await open(`/api/v1/jobs/${job.id}/output?follow=true`);
  const reader = response.body?.getReader();
  await reader?.read();
  await job.detach();
  await expect(reader?.read()).rejects.toThrow("terminated");
});

it("lets go of everything when a reader leaves", async () => {
  let readers = 0;
  await using counted = await ApiBench.open(({ logs }) => {
    const read = logs.read.bind(logs);
    logs.read = async function* (...request) {
      readers++;
      try {
        yield* read(...request);
      } finally {
        readers--;
      }
    };
    return {};
  });
  const base = await counted.listen();
  const job = await counted.runningJob();
  const cut = new AbortController();
  const headers = { authorization: `Bearer ${counted.tokens.ann}` };
  const responses = await Promise.all(
    Array.from({ length: 20 }, () =>
      fetch(`${base}/api/v1/jobs/${job.id}/output?follow=true`, { headers, signal: cut.signal }),
    ),
  );
  expect(responses.every(({ status }) => status === 200)).toBe(true);
  await until(() => readers === 20, { what: "twenty readers" });
  cut.abort();
  await until(() => readers === 0, { what: "the readers to go" });
  await job.end();
});

it("ABUSE 15: reads ahead of a client that does not read by little, and serves the others meanwhile", async () => {
  const bytes = Buffer.alloc(64 * 2 ** 20, "x");
  let taken = 0;
  let released = 0;
  await using counted = await ApiBench.open(({ logs }) => {
    const read = logs.read.bind(logs);
    logs.read = async function* (...request) {
      for await (const chunk of read(...request)) {
        const size = chunk.data.length;
        taken += size;
        yield {
          ...chunk,
          release() {
            released += size;
            chunk.release?.();
          },
        };
      }
    };
    return {};
  });
  const { hostname, port } = new URL(await counted.listen());
  const job = await counted.runningJob();
  await job.write(bytes);
  await job.end();
  const path = `/api/v1/jobs/${job.id}/output`;
  const authorization = `Bearer ${counted.tokens.ann}`;
  const stuck = createConnection({ host: hostname, port: Number(port) });
  stuck.pause();
  stuck.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
  );
  await until(() => taken > 0, { what: "the first piece" });

  const other = await fetch(`http://${hostname}:${port}${path}`, { headers: { authorization } });
  expect((await other.arrayBuffer()).byteLength).toBe(bytes.length);
  // The rest of what was taken lies in the two sockets' buffers in the kernel, which hold some megabytes.
  expect(taken - bytes.length).toBeLessThan(bytes.length / 4);
  // Memory that a socket still holds must not be used again.
  expect(released).toBeLessThan(taken);
  stuck.resume();
  expect((await buffer(stuck)).length).toBeGreaterThan(bytes.length);
});
