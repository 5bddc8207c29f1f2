import type { FastifyInstance } from "fastify";

export interface SeenPage {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  location: string | undefined;
  /** What the browser was told to keep. */
  cookies: string[];
}

/** A browser on this host, as far as our own pages need one: it keeps cookies, and sends the hidden fields of the page it saw last. */
export class PageVisitor {
  readonly #app: FastifyInstance;
  readonly #address: string;
  readonly #host: string;
  readonly #kept = new Map<string, string>();
  #hidden: Record<string, string> = {};

  constructor(app: FastifyInstance, { address = "127.0.0.1", host = "localhost:80" } = {}) {
    this.#app = app;
    this.#address = address;
    this.#host = host;
  }

  kept(name: string): string {
    return this.#kept.get(name) ?? "";
  }

  keep(name: string, value: string): void {
    this.#kept.set(name, value);
  }

  /** As a person opens it. */
  async open(url: string): Promise<SeenPage> {
    return await this.#ask({
      method: "GET",
      url,
      headers: { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" },
    });
  }

  /** The form of the page that was seen last, filled in; `origin` is what the browser says of whose it is. */
  async send(
    url: string,
    fields: Readonly<Record<string, string>>,
    origin: Record<string, string> = { "sec-fetch-site": "same-origin", origin: `http://${this.#host}` },
    type = "application/x-www-form-urlencoded",
  ): Promise<SeenPage> {
    const payload = new URLSearchParams({ ...this.#hidden, ...fields }).toString();
    return await this.#ask({ method: "POST", url, headers: { ...origin, "content-type": type }, payload });
  }

  async #ask({
    headers,
    ...asked
  }: {
    method: "GET" | "POST";
    url: string;
    headers: Record<string, string>;
    payload?: string;
  }): Promise<SeenPage> {
    const cookie = [...this.#kept].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await this.#app.inject({
      ...asked,
      remoteAddress: this.#address,
      headers: { host: this.#host, ...headers, ...(cookie !== "" && { cookie }) },
    });
    const cookies = [answer.headers["set-cookie"] ?? []].flat();
    for (const line of cookies) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") this.#kept.delete(name);
      else this.#kept.set(name, value);
    }
    const text = answer.body;
    const fields = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    if (fields.length > 0)
      this.#hidden = Object.fromEntries(fields.map(([, name, value]) => [name ?? "", value ?? ""]));
    const { location } = answer.headers;
    return { status: answer.statusCode, headers: answer.headers, text, location, cookies };
  }
}
