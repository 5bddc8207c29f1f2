import type { Network, NetworkSpec, ProposedNetwork } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../transport/http.ts";
import { asNetwork, asNetworkList, asProposedNetwork } from "./answers.ts";
import type { SignalOptions } from "./job/job-handle.ts";

/** Network profiles: what jobs that ask for one by its name may reach. */
export class Networks {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /**
   * All of them, by name, with those that every server has.
   *
   * @example
   * ```ts
   * const usable = (await berth.networks.list()).filter(({ allowed }) => allowed);
   * ```
   */
  async list({ signal }: SignalOptions = {}): Promise<Network[]> {
    return asNetworkList(await this.#rest.json({ route: routes.listNetworks, signal }), this.#rest.url).items;
  }

  /** Throws NETWORK_NOT_FOUND. */
  async get(name: string, { signal }: SignalOptions = {}): Promise<Network> {
    return asNetwork(await this.#rest.json({ route: routes.getNetwork, name, signal }), this.#rest.url);
  }

  /**
   * Defines a profile; administrators only. Throws FORBIDDEN, NETWORK_EXISTS.
   *
   * @example
   * ```ts
   * await berth.networks.create("pypi", { domains: ["pypi.org", "*.pythonhosted.org"] });
   * ```
   */
  async create(name: string, spec: NetworkSpec, { signal }: SignalOptions = {}): Promise<Network> {
    const body = { name, spec };
    const answer = await this.#rest.json({ route: routes.createNetwork, body, signal, patienceMs: 0 });
    return asNetwork(answer, this.#rest.url);
  }

  /** Puts another spec in its place, for jobs submitted from now on. Throws NETWORK_NOT_FOUND, NETWORK_READ_ONLY. */
  async update(name: string, spec: NetworkSpec, { signal }: SignalOptions = {}): Promise<Network> {
    const body = { spec };
    return asNetwork(
      await this.#rest.json({ route: routes.updateNetwork, name, body, signal }),
      this.#rest.url,
    );
  }

  /** Throws NETWORK_NOT_FOUND, NETWORK_READ_ONLY, and NETWORK_IN_USE while a job that has not ended has it. */
  async delete(name: string, { signal }: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteNetwork, name, signal, patienceMs: 0 });
  }

  /**
   * The smallest profile that would have let these jobs do what they did and tried; nothing is stored. They must have
   * ended, and have been observed for more than what they were refused to be known. Throws NETWORK_NOTHING_SEEN.
   */
  async propose(jobs: readonly string[], { signal }: SignalOptions = {}): Promise<ProposedNetwork> {
    const call = { route: routes.proposeNetwork, body: { jobs }, signal };
    return asProposedNetwork(await this.#rest.json(call), this.#rest.url);
  }
}
