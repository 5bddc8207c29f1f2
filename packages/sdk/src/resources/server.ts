import type { ServerReport } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../transport/http.ts";
import { asServerReport } from "./answers.ts";
import type { SignalOptions } from "./job/job-handle.ts";

/** The server itself. For administrators. */
export class Server {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /**
   * Its database and the trust in certificates, looked at now: each check with how to mend it.
   *
   * @example
   * ```ts
   * const { database } = await berth.server.inspect();
   * for (const { name, status, detail, fix } of database.checks) console.log(status, name, detail, fix);
   * ```
   */
  async inspect(options: SignalOptions = {}): Promise<ServerReport> {
    const answer = await this.#rest.json({ route: routes.inspectServer, signal: options.signal });
    return asServerReport(answer, this.#rest.url);
  }
}
