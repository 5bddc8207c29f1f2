import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { ClientReadableStream } from "@grpc/grpc-js";
import type { ExecutorClient } from "./executor-client.ts";

/** Something that a server holds open for a client. */
export interface HeldOpen {
  readonly what: string;
  /** What has come so far; of gRPC messages. */
  received: number;
  /** When it ended, as `performance.now()`; null while it is open. */
  endedAt: number | null;
  readonly ended: Promise<void>;
}

export interface HeldJob {
  url: string;
  authorization: string;
  grpc: ExecutorClient;
  job: string;
}

/** Output, events and a wait over REST, output and events over gRPC: resolves once each stream has begun. */
export async function holdOpen({ url, authorization, grpc, job }: HeldJob): Promise<HeldOpen[]> {
  const at = `${url}/api/v1/jobs/${job}`;
  const executionId = { value: job };
  const calls = [
    overGrpc("gRPC output", grpc.open("getOutStream", { executionId })),
    overGrpc("gRPC events", grpc.open("watchExecution", { executionId })),
  ];
  const headers = { authorization };
  const streams = [
    await overRest("output", { url: `${at}/output?follow=true`, headers }),
    await overRest("events", { url: `${at}/events`, headers: { ...headers, accept: "text/event-stream" } }),
  ];
  await Promise.all(calls.map(({ begun }) => begun));
  // It is answered when it is over: nothing tells that it has begun.
  const wait = held("wait", () => undefined);
  const asked = get(`${at}?wait=59s`, { headers }, (answer) => follow(answer, wait));
  asked.on("error", () => wait.end());
  await new Promise((resolve) => setTimeout(resolve, 300));
  return [...streams, wait, ...calls.map(({ open }) => open)];
}

interface Ending extends HeldOpen {
  end(): void;
}

function held(what: string, onEnd: () => void): Ending {
  const ended = Promise.withResolvers<void>();
  const open: Ending = {
    what,
    received: 0,
    endedAt: null,
    ended: ended.promise,
    end() {
      open.endedAt ??= performance.now();
      onEnd();
      ended.resolve();
    },
  };
  return open;
}

async function overRest(
  what: string,
  { url, headers }: { url: string; headers: Record<string, string> },
): Promise<HeldOpen> {
  const open = held(what, () => undefined);
  const asked = get(url, { headers });
  asked.on("error", () => open.end());
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`Cannot open ${url}: ${answer.statusCode}`);
  follow(answer, open);
  return open;
}

function follow(answer: IncomingMessage, open: Ending): void {
  answer.on("data", ({ length }: Buffer) => (open.received += length));
  for (const event of ["error", "close"]) answer.on(event, () => open.end());
}

function overGrpc(what: string, call: ClientReadableStream<unknown>) {
  const begun = Promise.withResolvers<void>();
  const open = held(what, () => begun.resolve());
  call.on("data", () => {
    open.received += 1;
    begun.resolve();
  });
  for (const event of ["error", "end"]) call.on(event, () => open.end());
  return { open, begun: begun.promise };
}
