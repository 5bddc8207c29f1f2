import { plainSurroundings, type Surroundings } from "../../../core/stages/surroundings.ts";
import { ociConfig } from "../bundle/oci-config.ts";
import type { ProbeJob } from "../bundle/probe-job.ts";
import { encodeRecipe } from "../bundle/recipe.ts";
import type { HostFacts } from "../host/host-facts.ts";
import type { RuntimeKind } from "../host/runtime-kind.ts";
import type { ChosenMaker } from "../host/sandbox-maker.ts";
import type { Networks } from "../networks/networks.ts";
import { FifoSupply } from "./fifo-supply.ts";
import type { PlaceMakerOptions } from "./place-maker.ts";
import type { Place } from "./place.ts";
import { PlacePool } from "./place-pool.ts";

export interface PoolsOptions extends Omit<PlaceMakerOptions, "fifos" | "networks" | "filesOf"> {
  cgroupName: string;
  sparePlaces: number;
  warmSandboxes: number;
  warmNetworked: number;
  lookOverEveryMs: number;
  kind: RuntimeKind;
  host: HostFacts;
  probe: ProbeJob;
  maker: () => ChosenMaker;
  networks: Networks;
}

/**
 * The places that wait for jobs, of two kinds: those without a network, and those with one, each of which serves any
 * profile, as that is granted to it when its job comes. Of the second kind none is made before a job asks for one.
 */
export class Pools implements AsyncDisposable {
  readonly #plain: PlacePool;
  readonly #networked: PlacePool;

  constructor({ sparePlaces, warmSandboxes, warmNetworked, networks, ...options }: PoolsOptions) {
    const fifos = new FifoSupply(options.folders.fifos, options.spawner);
    const pool = (hasNetwork: boolean): PlacePool =>
      new PlacePool({
        ...options,
        fifos,
        filesOf: (place) => filesFor(place, { ...options, hasNetwork }),
        networks: hasNetwork ? networks : null,
        spare: sparePlaces,
        warm: hasNetwork ? warmNetworked : warmSandboxes,
        isLazy: hasNetwork,
      });
    this.#plain = pool(false);
    this.#networked = pool(true);
  }

  /** Begins to make places. */
  open(): void {
    this.#plain.open();
  }

  /** Where places for such surroundings come from. */
  for({ network }: Pick<Surroundings, "network">): PlacePool {
    return network.kind === "none" ? this.#plain : this.#networked;
  }

  /** Places in which a sandbox waits for a job. */
  get warm(): readonly Place[] {
    return [...this.#plain.warm, ...this.#networked.warm];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#plain, this.#networked].map((pool) => pool[Symbol.asyncDispose]()));
  }
}

/** What a sandbox is made of: by the runtime, and where that is how it is made, by berth-init. */
function filesFor(
  { name, ids, work }: Parameters<PlaceMakerOptions["filesOf"]>[0],
  {
    kind,
    host,
    probe,
    maker,
    cgroupName,
    hasNetwork,
  }: Pick<PoolsOptions, "kind" | "host" | "probe" | "maker" | "cgroupName"> & { hasNetwork: boolean },
): Readonly<Record<string, string | Buffer>> {
  const config = ociConfig({
    ...plainSurroundings,
    work,
    hasNetwork,
    ids,
    joinsUsers: kind.joinsUsers,
    hardLimits: host.hardLimits,
    filter: probe.filter(),
    cgroupsPath: kind.leavesGroups ? null : `/${cgroupName}/jobs/${name}/c`,
  });
  const recipe = maker().maker === "berth" ? encodeRecipe(config) : null;
  return { "config.json": JSON.stringify(config), ...(recipe && { sandbox: recipe }) };
}
