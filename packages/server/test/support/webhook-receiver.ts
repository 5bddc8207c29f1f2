import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

interface Delivery {
  type: string;
  data: { records: { id: string; name: string | null }[] };
}

/** A receiver of Standard Webhooks, which looks at the signature as the standard says it. */
export class WebhookReceiver implements AsyncDisposable {
  /** A status, or never an answer, or a connection that is cut after the request was read. */
  manner: number | "hang" | "cut" = 200;
  readonly deliveries: { id: string; records: Delivery["data"]["records"] }[] = [];
  /** Of those that were taken by 2xx. */
  readonly taken: string[] = [];
  readonly faults: string[] = [];
  readonly #server: Server;
  readonly #key: Buffer;

  static async open(secret: string): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(secret);
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  private constructor(secret: string) {
    this.#key = Buffer.from(secret.slice("whsec_".length), "base64");
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/audit`;
  }

  /** Each once, in the order in which they were first taken. */
  get names(): (string | null)[] {
    const taken = this.deliveries.filter((_, index) => this.taken[index] === "yes");
    const all = taken.flatMap(({ records }) => records);
    return [...new Map(all.map(({ id, name }) => [id, name])).values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const header = (name: string): string => String(request.headers[`webhook-${name}`]);
    const [id, timestamp] = [header("id"), header("timestamp")];
    const signed = createHmac("sha256", this.#key).update(`${id}.${timestamp}.${body}`).digest("base64");
    if (header("signature") !== `v1,${signed}`) this.faults.push(`signature of ${id}`);
    if (Math.abs(Number(timestamp) * 1000 - Date.now()) > 300_000) this.faults.push(`time of ${id}`);
    const { type, data } = JSON.parse(body) as Delivery;
    if (type !== "audit.records") this.faults.push(`type ${type}`);
    const { manner } = this;
    this.deliveries.push({ id, records: data.records });
    this.taken.push(typeof manner === "number" && manner < 300 ? "yes" : "no");
    if (manner === "hang") return;
    if (manner === "cut") return void request.socket.destroy();
    response.writeHead(manner, { location: "http://127.0.0.1/" }).end();
  }
}
