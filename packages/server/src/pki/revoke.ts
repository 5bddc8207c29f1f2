import { BerthError } from "@berth/protocol";
import type { Clock } from "../lib/clock.ts";
import type { HeldSignal } from "../lib/signals.ts";
import type { CertificateRecord, CertificateRegistry } from "./certificate-registry.ts";

/** What a caller's certificate says, as far as it matters here. Its signature was checked when it connected. */
export interface ShownCertificate {
  /** In the spelling of `canonicalSerial`. */
  serial: string;
  cn: string;
  /** Epoch milliseconds. */
  notAfter: number;
}

const lookAtClockEveryMs = 1000;

/**
 * Who may no longer come in: asked with every call, because a connection outlives the check at its beginning. Also ends
 * what runs already, at the moment of revoking, locking or expiry. In memory; the register behind it is the truth.
 */
export class Revocations {
  readonly #registry: CertificateRegistry;
  readonly #clock: Clock;
  readonly #serials: Set<string>;
  readonly #locked: Set<string>;
  #cancelClockWatch: (() => void) | null = null;
  readonly #held = new Set<{ shown: ShownCertificate; controller: AbortController }>();

  static async open({
    registry,
    clock,
  }: {
    registry: CertificateRegistry;
    clock: Clock;
  }): Promise<Revocations> {
    const { serials, locked } = await registry.refused();
    return new Revocations({ registry, clock, serials, locked });
  }

  private constructor(from: {
    registry: CertificateRegistry;
    clock: Clock;
    serials: readonly string[];
    locked: readonly string[];
  }) {
    this.#registry = from.registry;
    this.#clock = from.clock;
    this.#serials = new Set(from.serials);
    this.#locked = new Set(from.locked);
  }

  /** Throws BerthError CERTIFICATE_REFUSED when this certificate may not be used any more. */
  check(shown: ShownCertificate): void {
    const why = this.#refusal(shown);
    if (why !== null) throw refused(shown, why);
  }

  /**
   * A signal for as long as a call lasts: aborts with the error of `check` as soon as that would throw it. Let go of it
   * when the call is over: `using held = revocations.hold(shown)`.
   */
  hold(shown: ShownCertificate): HeldSignal {
    const entry = { shown, controller: new AbortController() };
    this.#held.add(entry);
    this.#watchClock();
    // Without asking the clock again: it may have been set back meanwhile, or be a millisecond behind the timer.
    const cancelTimer = this.#clock.setTimer(shown.notAfter, () => {
      entry.controller.abort(refused(shown, "it has expired"));
    });
    this.#endIfRefused(entry);
    return {
      signal: entry.controller.signal,
      [Symbol.dispose]: () => {
        cancelTimer();
        this.#held.delete(entry);
        if (this.#held.size === 0) this.#ignoreClock();
      },
    };
  }

  /** Ends the use of one certificate, now and for ever. null when no such certificate was issued. */
  async revoke(serial: string): Promise<CertificateRecord | null> {
    const record = await this.#registry.revoke(serial, this.#clock.now());
    if (record === null) return null;
    this.#serials.add(record.serial);
    this.#endRefused();
    return record;
  }

  /** Ends the use of every certificate of a principal, those to come included, until unlocked. */
  async lock(principal: string): Promise<void> {
    await this.#registry.setLocked(principal, true);
    this.#locked.add(principal);
    this.#endRefused();
  }

  async unlock(principal: string): Promise<void> {
    await this.#registry.setLocked(principal, false);
    this.#locked.delete(principal);
  }

  /** Calls that hold a signal. */
  get held(): number {
    return this.#held.size;
  }

  /** A timer keeps its length when the clock is set. So, while certificates are in use, the clock itself is looked at too. */
  #watchClock(): void {
    this.#cancelClockWatch ??= this.#clock.setTimer(this.#clock.now() + lookAtClockEveryMs, () => {
      this.#cancelClockWatch = null;
      this.#endRefused();
      if (this.#held.size > 0) this.#watchClock();
    });
  }

  #ignoreClock(): void {
    this.#cancelClockWatch?.();
    this.#cancelClockWatch = null;
  }

  #refusal({ serial, cn, notAfter }: ShownCertificate): string | null {
    if (this.#serials.has(serial)) return "it was revoked";
    if (this.#locked.has(cn)) return `"${cn}" is locked`;
    if (notAfter <= this.#clock.now()) return `it expired on ${new Date(notAfter).toISOString()}`;
    return null;
  }

  #endRefused(): void {
    for (const entry of this.#held) this.#endIfRefused(entry);
  }

  #endIfRefused({ shown, controller }: { shown: ShownCertificate; controller: AbortController }): void {
    const why = this.#refusal(shown);
    if (why !== null) controller.abort(refused(shown, why));
  }
}

function refused({ cn }: ShownCertificate, why: string): BerthError {
  return new BerthError("CERTIFICATE_REFUSED", `Cannot accept the certificate of "${cn}": ${why}`);
}
