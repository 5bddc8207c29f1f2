import { readLane } from "../core/job/delivery/delivery.ts";

/** How many are sent beside one another. */
export interface RoomSizes {
  inAll: number;
  ofOwner: number;
  /** Of one owner to one receiver. */
  ofLane: number;
}

/** Who is being sent to: a receiver that hangs takes the room of its own lane, and none of another's. */
export class Room {
  readonly #sizes: RoomSizes;
  readonly #lanes = new Map<string, Set<string>>();
  readonly #owners = new Map<string, number>();
  #inAll = 0;

  constructor(sizes: RoomSizes) {
    this.#sizes = sizes;
  }

  get isFull(): boolean {
    return this.#inAll >= this.#sizes.inAll;
  }

  /** How many more may be sent in this lane. */
  freeIn(lane: string): number {
    const { inAll, ofOwner, ofLane } = this.#sizes;
    const free = [inAll - this.#inAll, ofOwner - this.#ownedBy(lane), ofLane - this.busyIn(lane)];
    return Math.max(0, Math.min(...free));
  }

  /** Whether its owner has all that one may have, in whichever lanes. */
  hasOwnerAll(lane: string): boolean {
    return this.#ownedBy(lane) >= this.#sizes.ofOwner;
  }

  busyIn(lane: string): number {
    return this.#lanes.get(lane)?.size ?? 0;
  }

  holds({ lane, id }: { lane: string; id: string }): boolean {
    return this.#lanes.get(lane)?.has(id) === true;
  }

  /** Returns the way to give it back. */
  take({ lane, id }: { lane: string; id: string }): () => void {
    const { owner } = readLane(lane);
    const ids = this.#lanes.get(lane) ?? new Set();
    this.#lanes.set(lane, ids.add(id));
    this.#owners.set(owner, (this.#owners.get(owner) ?? 0) + 1);
    this.#inAll += 1;
    return () => {
      ids.delete(id);
      if (ids.size === 0) this.#lanes.delete(lane);
      const left = (this.#owners.get(owner) ?? 1) - 1;
      if (left === 0) this.#owners.delete(owner);
      else this.#owners.set(owner, left);
      this.#inAll -= 1;
    };
  }

  #ownedBy(lane: string): number {
    return this.#owners.get(readLane(lane).owner) ?? 0;
  }
}
