import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { chmod, mkdir, rm } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { IdRange, IdRanges } from "../bundle/id-range.ts";
import type { EngineFolders } from "../host/data-folders.ts";
import type { JobGroups } from "../groups/job-groups.ts";
import { crashPoint } from "../../../lib/crash-point.ts";
import { removeFolder, removeOverlay } from "../work/remove-folder.ts";
import type { UntouchedFolders } from "../work/untouched-folders.ts";
import { encodeNetwork } from "../networks/place-network.ts";
import type { Networks } from "../networks/networks.ts";
import type { FifoSupply } from "./fifo-supply.ts";
import { type LeftFolder, Place } from "./place.ts";
import type { Spawner } from "./spawner.ts";

export interface PlaceMakerOptions {
  folders: EngineFolders;
  spawner: Spawner;
  groups: JobGroups;
  ranges: IdRanges;
  /** Begins the names of folders and groups, so that two servers on one host know theirs. */
  prefix: string;
  untouched: UntouchedFolders;
  fifos: FifoSupply;
  /** Who gives each of its places a network; null where they have none. */
  networks: Pick<Networks, "open" | "placeNetwork" | "revoke" | "giveBack"> | null;
  /** What the folder of a place of this name and these ids gets: what its sandbox is to be made of, by file name. */
  filesOf: (place: { name: string; ids: IdRange; work: string }) => Readonly<Record<string, string | Buffer>>;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
}

/** So long a shim that is let go of is waited for, and the kernel's answer; only reached where the host has nothing left. */
const PATIENCE_MS = 2000;

/** Makes places and takes them away: folders, FIFOs, control groups, ids, and the shim that waits there. */
export class PlaceMaker {
  readonly #options: PlaceMakerOptions;
  /** Names are never used twice, also not by another server on the same folder. */
  readonly #boot = `${Date.now().toString(36)}${process.pid.toString(36)}`;
  readonly #making = new Set<Place>();
  #made = 0;

  constructor(options: PlaceMakerOptions) {
    this.#options = options;
  }

  /** A place whose shim waits; null when that one did not come up. */
  async make(left: LeftFolder | null = null): Promise<Place | null> {
    const pair = await this.#options.fifos.takePair();
    if (!pair) return null;
    const place = await this.#prepare(pair, { left, network: await this.#network() });
    this.#making.add(place);
    const asked = this.#options.spawner.place(place.name, place.ids);
    if (!asked) place.attachment.abandon();
    if (place.network !== null) crashPoint("net-place");
    const ready = await place.attachment.ready;
    // Whoever took it from the set has also cleared it away.
    if (!this.#making.delete(place)) return null;
    if (ready) return place;
    await this.discard(place);
    return null;
  }

  /** Ends those that are being made. */
  abandonAll(): void {
    for (const place of this.#making) place.attachment.abandon();
  }

  /** What a dead spawner had not answered it may have done or not: those places are given up. */
  startOver(): void {
    const given = [...this.#making];
    this.#making.clear();
    for (const place of given) {
      place.attachment.abandon();
      void this.discard(place);
    }
  }

  /** Ends the shim of a place that was not used, with its sandbox, and removes it. What cannot be removed goes with the next sweep. */
  async discard(place: Place): Promise<void> {
    const { folders, groups, ranges, spawner, onNotice } = this.#options;
    try {
      place.release();
      // First, as what follows may fail: what lives on in there reaches nothing.
      const left = this.#leaveNetwork(place);
      if (place.warmedAt !== null) await groups.kill(place.name);
      // It holds the view of the host for as long as it lives.
      await Promise.race([place.attachment.gone, delay(PATIENCE_MS, undefined, { ref: false })]);
      place.attachment.abandon();
      if (place.left === null) await removeFolder(place.work, () => spawner.remove(basename(place.work)));
      await rm(place.folder, { recursive: true, force: true });
      await removeOverlay(folders, { group: place.name });
      if (!place.attachment.hasLeftGroups) await groups.remove(place.name);
      if (place.left === null) ranges.release(place.ids);
      await left;
    } catch (error) {
      onNotice("a prepared place could not be removed", { name: place.name, error: String(error) });
    }
  }

  async #prepare(
    [alive, go]: [string, string],
    { left, network }: Pick<Place, "left" | "network">,
  ): Promise<Place> {
    const { folders, prefix, ranges, filesOf } = this.#options;
    const ids = left?.ids ?? ranges.take();
    const name = `${prefix}${this.#boot}-${network === null ? "" : "n"}${this.#made}`;
    this.#made += 1;
    const [folder, work] = [`${folders.control}/${name}`, `${folders.work}/${name}`];
    try {
      // In memory, where the thread pool would cost more than the work.
      mkdirSync(folder);
      chmodSync(folder, 0o711);
      renameSync(alive, `${folder}/alive`);
      renameSync(go, `${folder}/go`);
      const made = filesOf({ name, ids, work: left?.id ?? name });
      const files = network === null ? made : { ...made, network: encodeNetwork(network) };
      for (const [file, content] of Object.entries(files))
        writeFileSync(`${folder}/${file}`, content, { mode: 0o600 });
      if (left === null) await this.#makeWork(work);
      return new Place(folders, { name, ids, left, network });
    } catch (error) {
      for (const path of [folder, work]) await rm(path, { recursive: true, force: true });
      if (left === null) ranges.release(ids);
      await this.#leaveNetwork({ network });
      throw error;
    }
  }

  /** Not before the host holds what is to hold it. */
  async #network(): Promise<Place["network"]> {
    const { networks } = this.#options;
    if (networks === null) return null;
    await networks.open();
    return networks.placeNetwork();
  }

  /**
   * What had been granted to it for a job that was not begun is granted to nobody. Where the kernel's answer does not come,
   * nobody is held up by it: until then its address stays its own.
   */
  async #leaveNetwork({ network }: Pick<Place, "network">): Promise<void> {
    const { networks, onNotice } = this.#options;
    if (network === null || networks === null) return;
    const left = networks.revoke(network.name).then(
      () => networks.giveBack(network),
      (error: unknown) =>
        onNotice("what a link was granted could not be revoked", {
          name: network.name,
          error: String(error),
        }),
    );
    await Promise.race([left, delay(PATIENCE_MS, undefined, { ref: false })]);
  }

  async #makeWork(path: string): Promise<void> {
    const kept = this.#options.untouched.take();
    if (kept !== null) return renameSync(kept, path);
    await mkdir(path);
    await chmod(path, 0o755);
  }
}
