import { BerthError } from "@berth/protocol";
import type { Clock } from "../lib/clock.ts";
import type { HeldSignal } from "../lib/signals.ts";
import type { CertificateRecord, CertificateStore } from "../store/certificate-store.ts";
import { backdateMs, wholeSecond } from "./authority.ts";

/** What a caller's certificate says, as far as it matters here. Its signature was checked when it connected. */
export interface ShownCertificate {
  /** In the spelling of `canonicalSerial`. */
  serial: string;
  cn: string;
  /** Common name of the authority that signed it; empty where it has none. */
  issuerName: string;
  /** Epoch milliseconds. */
  notBefore: number;
  notAfter: number;
}

interface RevocationsOptions {
  registry: CertificateStore;
  clock: Clock;
  /** Epoch ms, of an authority: what it signed before may have been revoked without a trace. Default: nothing was. */
  trustedFrom?: (issuerName: string) => number;
}

const lookAtClockEveryMs = 1000;

/**
 * Which certificates may no longer be used: asked with every call, because a connection outlives the check at its
 * beginning. Also ends what runs already, at the moment of revoking or expiry. In memory; the store behind it is the truth.
 */
export class Revocations {
  readonly #registry: CertificateStore;
  readonly #clock: Clock;
  readonly #trustedFrom: (issuerName: string) => number;
  readonly #serials: Set<string>;
  #cancelClockWatch: (() => void) | null = null;
  readonly #held = new Set<{ shown: ShownCertificate; controller: AbortController }>();

  static async open(options: RevocationsOptions): Promise<Revocations> {
    return new Revocations(options, await options.registry.revoked());
  }

  private constructor(
    { registry, clock, trustedFrom = () => 0 }: RevocationsOptions,
    serials: readonly string[],
  ) {
    this.#registry = registry;
    this.#clock = clock;
    this.#trustedFrom = (issuerName) => wholeSecond(trustedFrom(issuerName));
    this.#serials = new Set(serials);
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

  /** Ends the use of one certificate, now and for ever. null when no such certificate was issued. `registry` stores that. */
  async revoke(
    serial: string,
    { registry = this.#registry }: { registry?: Pick<CertificateStore, "revoke"> } = {},
  ): Promise<CertificateRecord | null> {
    const record = await registry.revoke(serial, this.#clock.now());
    if (record === null) return null;
    this.#serials.add(record.serial);
    this.#endRefused();
    return record;
  }

  /** As they are stored now: another process may have revoked more. None is ever taken back. */
  async reload(): Promise<void> {
    for (const serial of await this.#registry.revoked()) this.#serials.add(serial);
    this.#endRefused();
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

  #refusal({ serial, issuerName, notBefore, notAfter }: ShownCertificate): string | null {
    if (this.#serials.has(serial)) return "it was revoked";
    const trustedFrom = this.#trustedFrom(issuerName);
    if (notBefore + backdateMs < trustedFrom) {
      const since = new Date(trustedFrom).toISOString();
      return `it was issued before ${since}, and the database that knew what was revoked by then is lost`;
    }
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
