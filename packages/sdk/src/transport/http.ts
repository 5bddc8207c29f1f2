import { BerthError, isBerthError } from "@berth/protocol/errors";
import type { Route } from "@berth/protocol/routes";
import type { ExactNumber } from "./exact-numbers.ts";
import { linkSignal } from "./link-signal.ts";
import { readBody, readJson } from "./read-body.ts";
import { Connection, type ConnectionChange, retrying } from "./retry.ts";
import { errorOf, unreachable, unreadable } from "./translate-error.ts";
import type { Answer, Transport } from "./transport.ts";

/** How long this client goes on trying while nobody answers, in milliseconds. */
export interface Patience {
  /** One request. Default 10 s: longer than a server takes to restart. */
  requestMs: number;
  /** Following a job: its output, its events, its end. Default 5 min. */
  followMs: number;
}

export interface HttpOptions {
  url: string;
  token?: string | undefined;
  transport: Transport;
  userAgent: string;
  patience: Patience;
  exactNumber?: ExactNumber | undefined;
  onConnection?: ((change: ConnectionChange) => void) | undefined;
}

type QueryValue = string | number | boolean | readonly string[] | undefined;

/** One request. `{id}`, `{serial}`, `{sha256}`, `{binding}`, `{delivery}`, `{token}`, `{session}`, `{user}`, `{group}`, `{member}`, `{name}` and `*` of the route are filled from the fields of those names and `rest`. */
export interface Call {
  route: Route;
  id?: string;
  serial?: string;
  sha256?: string;
  binding?: string;
  delivery?: string;
  token?: string;
  session?: string;
  user?: string;
  group?: string;
  member?: string;
  name?: string;
  rest?: string;
  query?: Readonly<Record<string, QueryValue>>;
  body?: unknown;
  /** A body that is sent as it is. */
  text?: string;
  /** Bytes to send instead of a JSON body. It can be read once: such a call is not tried again by itself. */
  stream?: AsyncIterable<Uint8Array>;
  headers?: Readonly<Record<string, string>>;
  accept?: string;
  signal?: AbortSignal | undefined;
}

export interface JsonCall extends Call {
  /** Longest time for one try until the whole answer is there, in milliseconds. Default 30 s. */
  timeoutMs?: number;
  /** How long to go on trying; 0 tries once. Default: the client's `patience.requestMs`. */
  patienceMs?: number;
}

/** What stands in braces in the path of a route. */
const PARAMETERS = [
  "id",
  "serial",
  "sha256",
  "binding",
  "delivery",
  "token",
  "session",
  "user",
  "group",
  "member",
  "name",
] as const;

const DEFAULT_TIMEOUT_MS = 30_000;
const LARGEST_JSON = 256 * 2 ** 20;
const LARGEST_ERROR = 2 ** 20;

/** Requests by their routes, of which this client needs no more than the answers. */
export type Rest = Pick<Http, "url" | "patience" | "connection" | "json" | "open">;

/** Sends requests to one server, and turns every failure into a BerthError. */
export class Http {
  readonly url: string;
  readonly patience: Patience;
  readonly connection: Connection;
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.url = baseUrl(options.url);
    if (options.token !== undefined && !/^[\x21-\x7e]+$/.test(options.token)) {
      throw new BerthError(
        "SETTINGS_INVALID",
        `Cannot talk to "${this.url}": the token holds blanks, line breaks or other characters that no token has`,
      );
    }
    this.patience = options.patience;
    this.connection = new Connection(options.onConnection);
    this.#options = options;
  }

  /** Sends one request and reads its JSON answer; tries again where that is safe and can help. */
  async json(call: JsonCall): Promise<unknown> {
    return await retrying(() => this.#tryJson(call), {
      patienceMs: call.patienceMs ?? this.patience.requestMs,
      signal: call.signal,
      onFailure: (failure) => this.connection.failed(failure),
    });
  }

  /** Sends one request, once, and returns a successful answer whose body was not read. */
  async open(call: Call): Promise<Answer> {
    const answer = await this.#send(call);
    if (answer.status >= 200 && answer.status < 300) {
      this.connection.reached();
      return answer;
    }
    throw await this.#failureOf(answer, call.signal);
  }

  /** Sends one request, once, and returns the status alone, whatever it is. */
  async status(call: Call): Promise<number> {
    const answer = await this.#send(call);
    await answer.reader()?.cancel();
    return answer.status;
  }

  async #tryJson(call: JsonCall): Promise<unknown> {
    const timeoutMs = call.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const timedOut = Object.assign(new Error("no answer in time"), { code: "UND_ERR_HEADERS_TIMEOUT" });
    const link = linkSignal(call.signal, { timeoutMs, onTimeout: () => unreachable(this.url, timedOut) });
    try {
      const answer = await this.open({ ...call, accept: "application/json", signal: link.signal });
      if (answer.status === 204) {
        // Unread, it would hold its connection, and the process of whoever asked, until the server closes it.
        for await (const _ of readBody(answer, { url: this.url, signal: link.signal })) continue;
        return null;
      }
      const { exactNumber } = this.#options;
      const options = { url: this.url, signal: link.signal, maxBytes: LARGEST_JSON, exactNumber };
      return await readJson(answer, options);
    } finally {
      link.unlink();
    }
  }

  async #send(call: Call): Promise<Answer> {
    const { token, userAgent } = this.#options;
    const headers: Record<string, string> = {
      "user-agent": userAgent,
      ...(call.accept !== undefined && { accept: call.accept }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...((call.body !== undefined || call.text !== undefined) && { "content-type": "application/json" }),
      ...call.headers,
    };
    try {
      return await this.#options.transport(this.#address(call), {
        method: call.route.method,
        headers,
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
        ...(call.text !== undefined && { body: call.text }),
        ...(call.stream !== undefined && { stream: call.stream }),
        ...(call.signal !== undefined && { signal: call.signal }),
      });
    } catch (error) {
      if (call.signal?.aborted === true) throw call.signal.reason;
      throw unreachable(this.url, error);
    }
  }

  #address(call: Call): string {
    const { route, rest, query = {} } = call;
    const named = PARAMETERS.reduce<string>(
      (path, name) => path.replace(`{${name}}`, () => encodeURIComponent(call[name] ?? "")),
      route.path,
    );
    const path = named.replace("*", () => (rest ?? "").split("/").map(encodeURIComponent).join("/"));
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value === undefined) continue;
      for (const one of typeof value === "object" ? value : [String(value)]) search.append(name, one);
    }
    return `${this.url}${path}${search.size > 0 ? `?${search.toString()}` : ""}`;
  }

  async #failureOf(answer: Answer, signal: AbortSignal | undefined): Promise<BerthError> {
    const { status, retryAfterMs } = answer;
    // Following it would take the token along, or turn a POST into a GET: the URL has to be the right one.
    if (status >= 300 && status < 400) {
      return unreadable(this.url, "it points to another address: use that one as the URL");
    }
    try {
      const options = { url: this.url, signal, maxBytes: LARGEST_ERROR };
      return errorOf(this.url, { status, retryAfterMs, body: await readJson(answer, options) });
    } catch (error) {
      if (isBerthError(error) && error.code === "RESPONSE_INVALID")
        return errorOf(this.url, { status, body: null });
      throw error;
    }
  }
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new BerthError(
      "SETTINGS_INVALID",
      `Cannot use the URL "${text}": it must begin with http:// or https://`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new BerthError(
      "SETTINGS_INVALID",
      `Cannot use the URL of "${url.host}": credentials do not belong into it`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
