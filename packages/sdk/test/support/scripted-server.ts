import type { ErrorCode, JobSpecInput } from "@berth/protocol";
import { errorCatalog } from "@berth/protocol/errors";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { encoders } from "./output-encoders.ts";
import { ScriptedJob } from "./scripted-job.ts";

export interface SeenRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: unknown;
}

/** A real HTTP server that speaks the contract for jobs the test tells, and fails where the test wants. */
export class ScriptedServer implements AsyncDisposable {
  readonly jobs = new Map<string, ScriptedJob>();
  readonly requests: SeenRequest[] = [];
  readonly #keys = new Map<string, ScriptedJob>();
  readonly #server: Server;
  #made = 0;
  /** Tells a new job's life. */
  onSubmit: (job: ScriptedJob) => void = () => undefined;
  /** Told of every request first; true when it has dealt with it itself. */
  intercept: (request: SeenRequest, response: ServerResponse) => boolean = () => false;
  /** Bytes of an answer's body after which the connection is cut; null for never. */
  cutAfter: (request: SeenRequest) => number | null = () => null;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Ends every connection, as when the server dies. */
  cutAll(): void {
    this.#server.closeAllConnections();
  }

  /** A stored job, as if somebody had submitted it. */
  add(spec: JobSpecInput = { command: "true" }, id = this.#nextId()): ScriptedJob {
    const job = new ScriptedJob(spec, id);
    this.jobs.set(job.id, job);
    return job;
  }

  #nextId(): string {
    return `0199a000-0000-7000-8000-${String((this.#made += 1)).padStart(12, "0")}`;
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? "/", this.url);
    const parts: Buffer[] = [];
    for await (const part of message) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    const request: SeenRequest = {
      method: message.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers,
      body: text === "" ? null : JSON.parse(text),
    };
    this.requests.push(request);
    const limit = this.cutAfter(request);
    if (limit !== null) cutAfter(response, limit);
    if (!this.intercept(request, response)) await this.#route(request, response);
  }

  async #route(request: SeenRequest, response: ServerResponse): Promise<void> {
    const { method, path } = request;
    if (path === "/readyz") return void response.end("{}");
    if (path === "/api/v1/server") return send(response, 200, this.report);
    if (path === "/api/v1/engines") return send(response, 200, { items: this.engines });
    if (path === "/api/v1/jobs") {
      return method === "POST" ? await this.#submit(request, response) : this.#list(request, response);
    }
    const [, id = "", rest = ""] = /^\/api\/v1\/jobs\/([^/]+)\/?(.*)$/.exec(path) ?? [];
    const job = this.jobs.get(id);
    if (job === undefined)
      return fail(response, "JOB_NOT_FOUND", `Cannot find job "${id}": there is none of this id`);
    await this.#ofJob(job, { ...request, path: rest }, response);
  }

  engines: unknown[] = [];
  report: unknown = { database: { kind: "sqlite", place: "/d/berth.db", checks: [] }, trust: { checks: [] } };
  /** In which formats it sends output, beside bare bytes. */
  formats: readonly string[] = Object.keys(encoders);

  async #submit(request: SeenRequest, response: ServerResponse): Promise<void> {
    const key = String(request.headers["idempotency-key"]);
    let job = this.#keys.get(key);
    if (job === undefined) {
      job = this.add(request.body as JobSpecInput);
      this.#keys.set(key, job);
      this.onSubmit(job);
    }
    await waitFor(job, request.query.get("wait"), response);
    send(response, 201, withOutput(job, request.query));
  }

  #list(request: SeenRequest, response: ServerResponse): void {
    const limit = Number(request.query.get("limit") ?? 50);
    const start = Number(request.query.get("cursor") ?? 0);
    const all = [...this.jobs.values()].toReversed();
    const states = request.query.get("state")?.split(",");
    const ref = request.query.get("ref");
    const found = all.filter(
      (job) =>
        (states === undefined || states.includes(job.state)) &&
        (ref === null || job.id.startsWith(ref) || job.spec.name === ref),
    );
    const next = start + limit < found.length ? String(start + limit) : null;
    send(response, 200, { items: found.slice(start, start + limit).map((job) => job.view()), next });
  }

  async #ofJob(job: ScriptedJob, request: SeenRequest, response: ServerResponse): Promise<void> {
    const { method, path, query } = request;
    if (path === "" && method === "GET") {
      await waitFor(job, query.get("wait"), response);
      return send(response, 200, withOutput(job, query));
    }
    if (path === "" && method === "DELETE") {
      if (!job.ended)
        return fail(response, "JOB_NOT_FINISHED", `Cannot delete job "${job.id}": it is ${job.state}`);
      this.jobs.delete(job.id);
      return void response.writeHead(204).end();
    }
    if (path === "stop") {
      // Accepted, and answered with the state of that moment: what carries it out comes after.
      const accepted = job.view();
      if (!job.ended) job.enter("stopping");
      return send(response, 202, accepted);
    }
    if (path === "output") return await sendOutput(job, request, { response, formats: this.formats });
    if (path === "events") return await sendEvents(job, request, response);
    if (path === "result") return send(response, 200, job.change.result ?? null);
    if (path === "artifacts") {
      const items = [...job.artifacts].map(([name, data]) => ({
        path: name,
        size: data.length,
        modifiedAt: "2026-01-02T03:04:06.000Z",
      }));
      return send(response, 200, { items, skipped: [] });
    }
    const artifact = job.artifacts.get(decodeURIComponent(path.replace(/^artifacts\//, "")));
    if (artifact !== undefined) return void response.end(artifact);
    fail(response, "ARTIFACT_NOT_FOUND", `Cannot find artifact "${path}": it was not kept`);
  }
}

function withOutput(job: ScriptedJob, query: URLSearchParams): unknown {
  if (query.get("include") !== "output") return job.view();
  const text = (stream: string): object => ({
    text: job.bytes(stream).toString(),
    bytes: 0,
    truncated: false,
  });
  return { ...job.view(), stdout: text("stdout"), stderr: text("stderr") };
}

async function waitFor(job: ScriptedJob, wait: string | null, response: ServerResponse): Promise<void> {
  if (wait === null) return;
  const closed = new AbortController();
  response.once("close", () => closed.abort());
  const timer = setTimeout(() => closed.abort(), Number.parseInt(wait, 10));
  while (!job.ended && !closed.signal.aborted) await job.changed(closed.signal).catch(() => undefined);
  clearTimeout(timer);
}

async function sendOutput(
  job: ScriptedJob,
  request: SeenRequest,
  { response, formats }: { response: ServerResponse; formats: readonly string[] },
): Promise<void> {
  const { query, headers } = request;
  const stream = query.get("stream") ?? "all";
  const accepted = (headers.accept ?? "").split(",").map((range) => range.split(";")[0]?.trim() ?? "");
  const type = accepted.find((one) => formats.includes(one)) ?? "application/octet-stream";
  let offset = Number(query.get("offset") ?? 0);
  const encoder = encoders[type];
  await sendStream(job, response, {
    type,
    follow: query.get("follow") === "true",
    last: () => encoder?.end?.(offset) ?? "",
    next: () =>
      job.from(stream, offset).map((piece) => {
        offset = piece.offset + piece.data.length;
        return encoder === undefined ? piece.data : encoder.piece(piece);
      }),
  });
}

async function sendEvents(job: ScriptedJob, request: SeenRequest, response: ServerResponse): Promise<void> {
  let seq = Number(request.headers["last-event-id"] ?? 0);
  await sendStream(job, response, {
    type: "text/event-stream",
    follow: true,
    next: () => {
      const fresh = job.events.filter((event) => event.seq > seq);
      seq = fresh.at(-1)?.seq ?? seq;
      return fresh.map((e) => `id: ${e.seq}\nevent: ${e.type}\ndata: ${JSON.stringify(e)}\n\n`);
    },
  });
}

async function sendStream(
  job: ScriptedJob,
  response: ServerResponse,
  options: { type: string; follow: boolean; next: () => (string | Buffer)[]; last?: () => string | Buffer },
): Promise<void> {
  const closed = new AbortController();
  response.once("close", () => closed.abort());
  response.writeHead(200, { "content-type": options.type }).flushHeaders();
  while (!closed.signal.aborted) {
    const wasOver = !options.follow || job.ended;
    for (const piece of options.next()) response.write(piece);
    if (wasOver) break;
    if (job.ended) continue;
    await job.changed(closed.signal).catch(() => undefined);
  }
  if (options.last !== undefined) response.write(options.last());
  response.end();
}

function cutAfter(response: ServerResponse, limit: number): void {
  const write = response.write.bind(response);
  let left = limit;
  const cut = (data: string | Buffer): boolean => {
    const bytes = Buffer.from(data);
    const fits = bytes.subarray(0, left);
    left -= fits.length;
    if (fits.length === bytes.length) return write(bytes);
    // The part that fits has to be on its way before the connection goes.
    write(fits, () => response.destroy());
    return false;
  };
  response.write = cut as typeof response.write;
  const end = response.end.bind(response);
  response.end = ((data?: string | Buffer) => {
    if (data !== undefined && typeof data !== "function") cut(data);
    return left > 0 ? end() : response;
  }) as typeof response.end;
}

export function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json" });
  response.write(text);
  response.end();
}

export function fail(response: ServerResponse, code: ErrorCode, message: string): void {
  const { status, fix } = errorCatalog[code];
  send(response, status, { code, message, fix, requestId: "req-1" });
}
