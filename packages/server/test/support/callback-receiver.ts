import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

export interface Told {
  path: string;
  id: string;
  at: number;
  body: { type: string; timestamp: string; data: Record<string, unknown> };
}

/** Hears of the ends of jobs, and believes what a library of Standard Webhooks believes. */
export class CallbackReceiver implements AsyncDisposable {
  /** All that was signed by the secret, in order. */
  readonly told: Told[] = [];
  readonly faults: string[] = [];
  /** What it answers; 204 where it does nothing. */
  answer: RequestListener = (_, response) => void response.writeHead(204).end();
  readonly #server: Server;
  readonly #webhook: Webhook;

  private constructor(secret: string) {
    this.#webhook = new Webhook(secret);
    this.#server = createServer((request, response) => {
      // Those that are cut are told of by what they were not answered.
      this.#take(request).then(
        () => this.answer(request, response),
        () => undefined,
      );
    });
  }

  static async open(secret: string): Promise<CallbackReceiver> {
    const receiver = new CallbackReceiver(secret);
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #take(request: IncomingMessage): Promise<void> {
    const body = await text(request);
    const { "webhook-id": id = "" } = request.headers;
    try {
      this.#webhook.verify(body, request.headers as Record<string, string>);
      this.told.push({
        path: request.url ?? "",
        id: String(id),
        at: Date.now(),
        body: JSON.parse(body) as Told["body"],
      });
    } catch (error) {
      this.faults.push(String(error));
    }
  }
}
