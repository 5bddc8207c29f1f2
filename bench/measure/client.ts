import { Agent, request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

export interface Answer {
  status: number;
  body: string;
  ms: number;
}

/** The least a client can be, so that the server is what is measured. */
export class Client implements Disposable {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });

  constructor(options: { url: string; token: string }) {
    this.#url = options.url;
    this.#headers = { authorization: `Bearer ${options.token}`, "content-type": "application/json" };
  }

  open(
    method: string,
    path: string,
    options: { body?: unknown; accept?: string } = {},
  ): Promise<IncomingMessage> {
    const headers = { ...this.#headers, ...(options.accept === undefined ? {} : { accept: options.accept }) };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#url}${path}`, { method, headers, agent: this.#agent });
      sent.once("response", resolve).once("error", reject);
      sent.end(options.body === undefined ? undefined : JSON.stringify(options.body));
    });
  }

  /** A body as it comes. Leaving the loop early cuts the connection. */
  async *stream(path: string, accept: string): AsyncGenerator<Buffer> {
    const response = await this.open("GET", path, { accept });
    if (response.statusCode !== 200)
      throw new Error(`GET ${path} answered ${response.statusCode}: ${await text(response)}`);
    const chunks: AsyncIterable<unknown> = response;
    for await (const chunk of chunks) if (Buffer.isBuffer(chunk)) yield chunk;
  }

  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const began = performance.now();
    const response = await this.open(method, path, body === undefined ? {} : { body });
    const content = await text(response);
    const answer = { status: response.statusCode ?? 0, body: content, ms: performance.now() - began };
    if (answer.status >= 400) throw new Error(`${method} ${path} answered ${answer.status}: ${content}`);
    return answer;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
