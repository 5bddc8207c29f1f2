import { readFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { NetworkAbility } from "@berth/protocol";
import type { Contact, Contacts } from "../../../core/network/contact.ts";
import type { GrantedProfile } from "../../../core/network/profile.ts";
import { nativeProgram } from "../host/native-program.ts";
import { type LinkContacts, type Networks, RESOLVER_PORT } from "../networks/networks.ts";
import type { PlaceNetwork } from "../networks/place-network.ts";
import { type Lookup, namesByAddress, readLookupsByTurns } from "./lookups.ts";
import { Resolver } from "./resolver.ts";

export interface JobNamesOptions {
  networks: Pick<Networks, "lack" | "abilities" | "open" | "gateway4" | "table" | "onMended">;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
}

/** A job that has a network, and where what it asks is to stand. */
export interface NamedJob {
  network: Pick<PlaceNetwork, "name" | "address4" | "address6">;
  granted: Pick<GrantedProfile, "digest" | "rules">;
  /** The file, in a folder that goes with the job. */
  lookups: string;
  /** Whether an earlier server has started it. */
  isTakenUp?: boolean;
}

/** What jobs are told of names, and by which names what they reached is known. */
export class JobNames implements AsyncDisposable {
  readonly #options: JobNamesOptions;
  #resolver: Promise<Resolver> | null = null;

  /** Does nothing on the host before the first job. */
  constructor(options: JobNamesOptions) {
    this.#options = options;
    options.networks.onMended(() => void this.#resolver?.then((one) => one.forgetOpenings()));
  }

  /** What this host can hold of a network, with what it can hold of names. */
  get abilities(): readonly NetworkAbility[] {
    const { lack, abilities } = this.#options.networks;
    return lack === null ? [...abilities, "domains", "resolvers"] : abilities;
  }

  /** Resolves when the job is answered: before that it must not begin. Also of one that an earlier server has started. */
  async admit({ network, granted, lookups, isTakenUp = false }: NamedJob): Promise<void> {
    const { domains, named, resolvers } = granted.rules;
    const resolver = await this.#open();
    await resolver.admit({
      address: network.address4,
      link: network.name,
      hasV6: network.address6 !== null,
      digest: granted.digest,
      rules: { domains, named, resolvers },
      lookups,
      isTakenUp,
    });
  }

  /** The job has ended: whoever has its address next is another. Nothing is written any more where it asked from. */
  async dismiss({ address4 }: Pick<PlaceNetwork, "address4">): Promise<void> {
    await (await this.#resolver?.catch(() => null))?.dismiss(address4);
  }

  /** The same contacts, by the names that led to them, and with the names that led nowhere. */
  async named(
    { list, refused, hasAsked }: LinkContacts,
    { network, lookups }: Pick<NamedJob, "lookups"> & { network: Pick<PlaceNetwork, "address4"> },
  ): Promise<Contacts> {
    const resolver = (await this.#resolver?.catch(() => null)) ?? null;
    // Most ask for nothing, and nobody is asked for them. What was sent last may not be heard yet.
    if (!hasAsked && resolver?.mayHaveAsked(network.address4) === false) return { list, refused };
    await resolver?.flush(network.address4);
    const asked = await readAsked(lookups);
    const names = namesByAddress(asked);
    const known = list.map((one) => ({ ...one, name: nameOf(one, names) }));
    const untold = await refusedNames(asked);
    const looked = untold.reduce((sum, { packets }) => sum + packets, 0);
    return { list: [...known, ...untold], refused: refused + looked };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const resolver = await this.#resolver?.catch(() => null);
    await resolver?.[Symbol.asyncDispose]();
  }

  #open(): Promise<Resolver> {
    this.#resolver ??= this.#openNow().catch((error: unknown) => {
      this.#resolver = null;
      throw error;
    });
    return this.#resolver;
  }

  async #openNow(): Promise<Resolver> {
    const { networks, onNotice } = this.#options;
    // It listens at an address that the host has by then.
    await networks.open();
    const { gateway4: address, table } = networks;
    if (address === null || table === null) throw new Error("This host can give no job a network");
    return await Resolver.open({
      address,
      port: RESOLVER_PORT,
      sets: { program: nativeProgram(), table },
      onProblem: (why) => onNotice("what jobs are told of names", { why }),
    });
  }
}

function nameOf({ name, address }: Contact, names: ReadonlyMap<string, string>): string | null {
  return name ?? (address === null ? null : (names.get(address) ?? null));
}

async function readAsked(path: string): Promise<Lookup[]> {
  try {
    return await readLookupsByTurns(await readFile(path, "utf8"));
  } catch (error) {
    // It asked for nothing.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Of so many the contacts are made before it is others' turn. */
const LOOKUPS_A_TURN = 100;

/** Names that the job was not told of, or not of where they lead: each once, also where it was asked for IPv4 and for IPv6. */
async function refusedNames(asked: readonly Lookup[]): Promise<Contact[]> {
  const refused = new Map<string, Contact>();
  for (const [n, { at, name, outcome, addresses }] of asked.entries()) {
    if (n % LOOKUPS_A_TURN === LOOKUPS_A_TURN - 1) await nextTurn();
    if (outcome !== "not-granted" && outcome !== "closed") continue;
    const led: readonly (string | null)[] = addresses.length === 0 ? [null] : addresses;
    for (const address of led) {
      const before = refused.get(`${name} ${address}`);
      const packets = (before?.packets ?? 0) + 1;
      const firstAt = before?.firstAt ?? at;
      refused.set(`${name} ${address}`, { ...refusedName, name, address, packets, firstAt, lastAt: at });
    }
  }
  return [...refused.values()];
}

const refusedName = {
  protocol: null,
  port: null,
  outcome: "refused",
  bytesOut: null,
  bytesIn: null,
} as const;
