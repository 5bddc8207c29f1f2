import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Check, NetworkAbility } from "@berth/protocol";
import type { Contacts } from "../../../core/network/contact.ts";
import type { GrantedProfile, NetworkRules } from "../../../core/network/profile.ts";
import { crashPoint } from "../../../lib/crash-point.ts";
import { nativeProgram } from "../host/native-program.ts";
import { Addresses, serverMark } from "./addresses.ts";
import { checkBeside } from "./check-networks.ts";
import { claimRange, guardRouting, leaveEarlier, unguardRouting } from "./guard.ts";
import { KernelSets } from "./kernel-sets.ts";
import { type HostLook, lookAtHost, whyNoRange } from "./host-look.ts";
import { Looker } from "./looker.ts";
import type { PlaceNetwork } from "./place-network.ts";
import { type GrantedLink, ruleset, tableOf, type TableOptions } from "./ruleset.ts";
import { Sever } from "./sever.ts";
import { profileId, Table } from "./table.ts";
import { Watch } from "./watch.ts";

export interface NetworksOptions {
  dataDir: string;
  /** IPv4 addresses of jobs, as a prefix. */
  range: string;
  /** When somebody else changes the table: put it back, or end the jobs that have a network. */
  foreignChanges: "mend" | "stop-jobs";
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
}

/** A link of a job that an earlier server has started. */
export interface KeptLink {
  name: string;
  address4: string;
  digest: string;
  observe: boolean;
}

export interface LinkContacts extends Contacts {
  /** Whether it has sent a question for a name within the last minute, heard or not. */
  hasAsked: boolean;
}

/** On which of the gateway's ports the resolver listens: what asks for port 53 there is turned to it. */
export const RESOLVER_PORT = 5399;

/** Looks at this host, and changes nothing of it before a network is wanted. */
export async function createNetworks(options: NetworksOptions): Promise<Networks> {
  const { dataDir, range } = options;
  const server = serverMark(dataDir);
  const table = {
    server,
    range4: range,
    range6: "fd88::/64",
    gateway: "10.213.0.1",
    resolverPort: RESOLVER_PORT,
  };
  const trialText = ruleset({ ...table, profiles: [], granted: [] });
  return new Networks(options, await lookAtHost({ range, trialText, server }));
}

/**
 * What jobs reach. One routed link for each place, made with it; what comes out of a link goes nowhere until a profile is
 * granted to it. All that is granted is in the kernel: jobs go on while no server is there.
 */
export class Networks implements AsyncDisposable {
  /** Why no network can be held here, in one sentence; null where it can. */
  readonly lack: HostLook["lack"];
  readonly #options: NetworksOptions;
  readonly #parts: Parts | null;
  #opening: Promise<void> | null = null;
  /** Whether an earlier server's job goes on that has a network. */
  #keepsAny = false;
  /** Links that are to go, where they are there still, and of which evidence is to be thrown away. */
  readonly #forgotten = new Set<string>();
  #forgetting: NodeJS.Timeout | undefined;

  constructor(options: NetworksOptions, { lack, hasV6 }: HostLook) {
    this.lack = lack;
    this.#options = options;
    this.#parts = lack === null ? this.#newParts(hasV6) : null;
  }

  /** Where jobs ask for names; null where none can have a network. */
  get gateway4(): string | null {
    return this.#parts?.addresses.gateway4 ?? null;
  }

  /** The table whose sets hold what is open; null where none can have a network. */
  get table(): string | null {
    return this.#parts?.table.name ?? null;
  }

  /** Calls back when the table was put back after somebody else had changed it: what had been opened is closed again. */
  onMended(listener: () => void): void {
    this.#parts?.watch.onMended(listener);
  }

  /** Calls back when the jobs that have a network are to end, as somebody else has changed the table. */
  onLost(listener: () => void): void {
    this.#parts?.watch.onLost(listener);
  }

  /** What it can hold of a network. Who is asked for names is not its own matter. */
  get abilities(): readonly NetworkAbility[] {
    if (this.lack !== null) return ["none"];
    return ["none", "internet", "cidr", "host", "connections", "rates", "observe"];
  }

  /** The rules of a profile that a job was granted, also by an earlier server; null where they are not kept. */
  rulesOf(digest: string): NetworkRules | null {
    return this.#parts?.table.rulesOf(digest) ?? null;
  }

  /** A link of an earlier server's job: before `open`. */
  keep({ name, address4, digest, observe }: KeptLink): void {
    this.#keepsAny = true;
    if (!this.#parts) return;
    const { addresses, table } = this.#parts;
    addresses.keep({ address4 });
    table.note({
      link: name,
      profile: profileId(digest),
      observe,
      isMetered: (table.rulesOf(digest)?.rate ?? null) !== null,
    });
  }

  /** Prepares the host, once: by the first who wants a network. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /** Opens where an earlier server of this data folder has left something on the host: what nobody has any more goes. */
  async reopen(): Promise<void> {
    const mark = this.#folderFile("in-use");
    if (!existsSync(mark)) return;
    if (this.#parts) return await this.open();
    // The kernel holds on to what running jobs were granted.
    if (this.#keepsAny) return;
    const server = serverMark(this.#options.dataDir);
    await using helper = new KernelSets({ program: nativeProgram(), table: tableOf(server) });
    await leaveEarlier(helper, { server, mark });
  }

  /** What the link of a new place is made of. */
  placeNetwork(): PlaceNetwork {
    return this.#demand().addresses.take();
  }

  /** A place is gone: its address will be free again. */
  giveBack(network: Pick<PlaceNetwork, "address4">): void {
    this.#parts?.addresses.giveBack(network);
    this.#parts?.sever.soon();
  }

  /** Lets what comes out of the link through as the profile says. Resolves once the kernel holds it. */
  async grant(link: string, granted: Omit<GrantedProfile, "kind">): Promise<void> {
    const { table, helper } = this.#demand();
    const { digest, rules, observe } = granted;
    const noted = { link, profile: profileId(digest), observe, isMetered: rules.rate !== null };
    table.note(noted);
    try {
      await this.open();
      const profile = await table.need({ digest, rules });
      crashPoint("net-profile");
      // The helper does one after the other: what is asked of it from here on comes before a later revocation.
      if (!table.granted.has(link)) throw new Error(`What ${link} was granted was revoked meanwhile`);
      await helper.grant(link, profile, flagsOf(noted));
    } catch (error) {
      table.drop(link);
      throw error;
    }
  }

  /** What the link has reached, where that is observed, and was refused, until now. */
  async contacts(link: string): Promise<LinkContacts> {
    const { table, helper, looker } = this.#demand();
    const shown = (await helper.ask(`refused ${link}`)).map((line) => line.split(" "));
    const refused = Number(shown.find(([set]) => set === "refusals")?.[2] ?? 0);
    const hasAsked = shown.some(([set]) => set === "asking");
    const isQuiet = refused === 0 && table.granted.get(link)?.observe !== true;
    return { list: isQuiet ? [] : await looker.look(link), refused, hasAsked };
  }

  /** The job has ended: nothing of the link is let through any more, and what is known of it is thrown away. Idempotent. */
  async revoke(link: string): Promise<void> {
    if (!this.#parts) return;
    const { table, helper } = this.#parts;
    const granted = table.granted.get(link);
    table.drop(link);
    await helper.revoke(link, granted ? flagsOf(granted) : ANY_FLAGS);
    this.#forget(link);
  }

  /** What an operator should know of it, item by item. */
  async check(): Promise<Check[]> {
    const name = "networks";
    if (this.lack !== null)
      return [{ name, status: "warning", detail: `jobs have none: ${this.lack.why}`, fix: this.lack.fix }];
    const { addresses } = this.#demand();
    const taken = whyNoRange(this.#options.range, addresses.server);
    if (taken) return [{ name, status: "warning", detail: taken.why, fix: taken.fix }];
    const also = addresses.range6 === null ? "IPv4 alone, as this host leads no IPv6 on" : "IPv4 and IPv6";
    const ranges = [this.#options.range, ...(addresses.range6 === null ? [] : [addresses.range6])];
    const detail = `${also}; jobs have addresses of ${this.#options.range}, and leave by ${addresses.gateway4}`;
    return [{ name, status: "ok", detail, fix: null }, ...(await checkBeside(addresses.server, ranges))];
  }

  /** Leaves what jobs have that go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    const parts = this.#parts;
    if (!parts) return;
    parts.watch[Symbol.dispose]();
    await this.#opening?.catch(() => undefined);
    if (this.#opening && parts.table.granted.size === 0) await this.#leave(parts);
    // What it is told now it does before it ends.
    this.#forgetNow();
    await parts.sever.now();
    await parts.helper[Symbol.asyncDispose]();
    await parts.looker[Symbol.asyncDispose]();
  }

  #newParts(hasV6: boolean): Parts {
    const { dataDir, range, onNotice } = this.#options;
    const folder = join(dataDir, "engine", "networks");
    const program = nativeProgram();
    const addresses = new Addresses({
      dataDir,
      counterFile: this.#folderFile("counter"),
      range,
      hasV6,
      onNotice,
    });
    const { server, range6, gateway4: gateway } = addresses;
    const options: TableOptions = { server, range4: range, range6, gateway, resolverPort: RESOLVER_PORT };
    const table = new Table({ ...options, folder, sync: () => helper.ask("sync"), onNotice });
    const onForeignChange = (times: number | null): void => void watch.changed(times);
    const onRulesGone = (): void => void watch.rulesGone();
    const helper = new KernelSets({ program, table: table.name, onForeignChange, onRulesGone, onNotice });
    const besides = new KernelSets({ program, table: table.name, onNotice });
    const looker = new Looker(besides);
    const sever = new Sever({ addresses, helper: besides, onNotice });
    const watch = new Watch({ ...this.#options, addresses, table, helper, opening: () => this.#opening });
    return { addresses, table, helper, looker, sever, watch, mark: this.#folderFile("in-use") };
  }

  #folderFile(name: string): string {
    return join(this.#options.dataDir, "engine", "networks", name);
  }

  #demand(): Parts {
    if (this.#parts) return this.#parts;
    throw new Error(`Cannot give a job a network: ${this.lack?.why}`);
  }

  async #open(): Promise<void> {
    const { addresses, table, helper, sever, mark } = this.#demand();
    await claimRange(helper, { addresses, range: this.#options.range, mark });
    crashPoint("net-claimed");
    await guardRouting(helper, addresses);
    crashPoint("net-guarded");
    await table.open();
    crashPoint("net-table");
    const known = table.granted;
    const links = (await helper.ask("grants")).map((line) => line.split(" ")[1] ?? "");
    for (const link of links.filter((one) => !known.has(one))) await this.revoke(link);
    await sever.unknown();
  }

  async #leave({ table, helper, addresses, mark }: Parts): Promise<void> {
    try {
      await table.remove();
      crashPoint("net-tableless");
      await unguardRouting(helper, addresses);
      crashPoint("net-unguarded");
      rmSync(mark, { force: true });
    } catch (error) {
      this.#options.onNotice("what jobs' networks need could not be taken off this host", {
        why: (error as Error).message,
      });
    }
  }

  /** Many at a time, as the kernel shows all to whoever looks for one. */
  #forget(link: string): void {
    this.#forgotten.add(link);
    this.#forgetting ??= setTimeout(() => this.#forgetNow(), FORGET_AFTER_MS).unref();
  }

  #forgetNow(): void {
    clearTimeout(this.#forgetting);
    this.#forgetting = undefined;
    const links = [...this.#forgotten];
    this.#forgotten.clear();
    void this.#parts?.looker.forget(links);
  }
}

const FORGET_AFTER_MS = 1000;

/** As the helper is told of a grant: `o` observed, `m` with a rate. */
const flagsOf = ({ observe, isMetered }: Pick<GrantedLink, "observe" | "isMetered">): string =>
  `${observe ? "o" : ""}${isMetered ? "m" : ""}`;
const ANY_FLAGS = "om";

interface Parts {
  addresses: Addresses;
  table: Table;
  helper: KernelSets;
  looker: Looker;
  sever: Sever;
  watch: Watch;
  /** A file that is there while there may be something on the host. */
  mark: string;
}
