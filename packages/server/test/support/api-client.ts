import type { ArtifactList, Job, JobEvent, JobList, JobSpecInput } from "@berth/protocol";
import { isTerminal } from "@berth/protocol";
import { until } from "./until.ts";

/** The API as plain requests, so that a test sees what is on the wire. */
export class ApiClient {
  readonly #url: string;
  readonly #token: string;

  constructor({ url, token }: { url: string; token: string }) {
    this.#url = url;
    this.#token = token;
  }

  /** The header that proves who calls. */
  get authorization(): string {
    return `Bearer ${this.#token}`;
  }

  /** Any answer is returned, also an error; a cut connection rejects. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", this.authorization);
    if (init.body !== undefined) headers.set("content-type", "application/json");
    const ask = (): Promise<Response> => fetch(new URL(path, this.#url), { ...init, headers });
    const maySayAgain = (init.method ?? "GET") === "GET" || headers.has("idempotency-key");
    return ask().catch((error: unknown) => {
      if (maySayAgain && wasClosed(error)) return ask();
      throw error;
    });
  }

  async submit(spec: JobSpecInput, { key }: { key?: string } = {}): Promise<Job> {
    const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
    return this.#json(
      await this.request("/api/v1/jobs", { method: "POST", body: JSON.stringify(spec), headers }),
    );
  }

  async job(id: string): Promise<Job> {
    return this.#json(await this.request(`/api/v1/jobs/${id}`));
  }

  async jobs(): Promise<Job[]> {
    const list: JobList = await this.#json(await this.request("/api/v1/jobs?limit=200"));
    return list.items;
  }

  async stop(id: string, grace: string): Promise<Job> {
    const body = JSON.stringify({ grace });
    return this.#json(await this.request(`/api/v1/jobs/${id}/stop`, { method: "POST", body }));
  }

  async delete(id: string): Promise<void> {
    const answer = await this.request(`/api/v1/jobs/${id}`, { method: "DELETE" });
    if (answer.status !== 204) throw new Error(`Cannot delete job "${id}": ${await answer.text()}`);
  }

  /** The job at its end. */
  async end(id: string): Promise<Job> {
    let last: Job | null = null;
    const ended = async (): Promise<Job | null> => {
      last = await this.#json<Job>(await this.request(`/api/v1/jobs/${id}?wait=10s`));
      return isTerminal(last.state) ? last : null;
    };
    return until(ended, { what: `the end of job "${id}"`, timeoutMs: 90_000 }).catch((cause: unknown) => {
      throw new Error(`Cannot see the end of job "${id}", last seen as ${JSON.stringify(last)}`, { cause });
    });
  }

  async output(id: string, stream: "stdout" | "stderr" = "stdout"): Promise<string> {
    return (await this.request(`/api/v1/jobs/${id}/output?stream=${stream}`)).text();
  }

  /** All events of a job that has ended. */
  async events(id: string): Promise<JobEvent[]> {
    const text = await (await this.request(`/api/v1/jobs/${id}/events`)).text();
    const data = text.split("\n").filter((line) => line.startsWith("data:"));
    return data.map((line) => JSON.parse(line.slice("data:".length)) as JobEvent);
  }

  async artifacts(id: string): Promise<string[]> {
    const list: ArtifactList = await this.#json(await this.request(`/api/v1/jobs/${id}/artifacts`));
    return list.items.map(({ path }) => path);
  }

  async #json<Body>(answer: Response): Promise<Body> {
    if (!answer.ok) throw new Error(`Cannot use the answer ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Body;
  }
}

/** The server closes a connection that lies idle for a minute; on a host that stands still the client may think it open. */
function wasClosed(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === "UND_ERR_SOCKET";
}
