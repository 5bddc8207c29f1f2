import { BerthError } from "@berth/protocol";
import type { Access } from "../../src/auth/access.ts";
import type { Caller } from "../../src/core/caller/caller.ts";
import { builtInAccess } from "./built-in-access.ts";

/** Decides as the server does, or allows nothing; keeps of whom operations have asked. Doors always let everybody in. */
export class RecordingAccess implements Access {
  readonly seen: Caller[] = [];
  allowsNothing = false;

  async enter(): Promise<void> {}

  async demand(...[caller, ...what]: Parameters<Access["demand"]>): Promise<void> {
    this.#note(caller);
    await builtInAccess.demand(caller, ...what);
  }

  async allows(...[caller, ...what]: Parameters<Access["allows"]>): Promise<boolean> {
    this.seen.push(caller);
    return !this.allowsNothing && (await builtInAccess.allows(caller, ...what));
  }

  async listed(...[caller, ...what]: Parameters<Access["listed"]>): Promise<string | null> {
    this.#note(caller);
    return builtInAccess.listed(caller, ...what);
  }

  async demandHeld(...[caller, ...what]: Parameters<Access["demandHeld"]>): Promise<void> {
    this.#note(caller);
    await builtInAccess.demandHeld(caller, ...what);
  }

  isKeeper(...[principal]: Parameters<Access["isKeeper"]>): boolean {
    return builtInAccess.isKeeper(principal);
  }

  #note(caller: Caller): void {
    this.seen.push(caller);
    if (this.allowsNothing) throw new BerthError("FORBIDDEN", "Cannot do this: the test allows nothing");
  }
}
