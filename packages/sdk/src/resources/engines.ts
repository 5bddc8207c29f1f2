import type { Engine } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../transport/http.ts";
import { asEngineList } from "./answers.ts";
import type { SignalOptions } from "./job/job-handle.ts";

/** What runs jobs on this server. */
export class Engines {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /**
   * Every engine with its capabilities, its slots, and what its host can enforce, looked at now.
   *
   * @example
   * ```ts
   * for (const { name, checks } of await berth.engines.list()) console.log(name, checks);
   * ```
   */
  async list(options: SignalOptions = {}): Promise<Engine[]> {
    const answer = await this.#rest.json({ route: routes.listEngines, signal: options.signal });
    return asEngineList(answer, this.#rest.url).items;
  }
}
