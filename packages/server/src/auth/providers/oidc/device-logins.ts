import { randomBytes } from "node:crypto";
import { BerthError } from "@berth/protocol";
import { networkOf, siteOf } from "../../../core/caller/network-of.ts";
import { hashOf } from "../../tokens.ts";
import type { ProvenIdentity } from "../provider.ts";
import { largestSite } from "./largest-site.ts";
import type { DeviceStart, Oidc } from "./oidc.ts";

/** Each of them asks the issuer every few seconds. */
const MOST = 100;
/** Of one address, by IPv6 of one network. */
const MOST_OF_ONE = 5;
/** Of one house, which may have many networks. */
const MOST_OF_SITE = 25;
/** Whose client does not ask for it for so long has gone away: others can have its place. */
const ASKED_MS = 2 * 60_000;
const LONGEST_MS = 30 * 60_000;
/** Who has proven something and does not come for it in this time has to do it again. */
const COLLECT_MS = 60_000;

/** What a client shows to people, and `id`, by which it comes for the login: nobody else knows it. */
export interface BegunDeviceLogin extends Omit<DeviceStart, "proven" | "expiresInMs"> {
  id: string;
  expiresAt: number;
}

type State =
  | { kind: "pending" }
  | { kind: "proven"; identity: ProvenIdentity }
  | { kind: "refused" }
  | { kind: "failed"; error: unknown };

interface Login {
  provider: string;
  from: string;
  site: string;
  end: AbortController;
  /** Until it is given up, from when it was asked for last. */
  patience: NodeJS.Timeout;
  state: State;
}

/** Logins that people go on with elsewhere, while a client here waits for them. */
export class DeviceLogins implements Disposable {
  readonly #issuers: ReadonlyMap<string, Pick<Oidc, "startDevice">>;
  readonly #now: () => number;
  /** By the hash of their id. */
  readonly #open = new Map<string, Login>();
  /** Where those come from whom the issuer has not answered yet. */
  readonly #starting = new Set<{ from: string; site: string }>();

  constructor({
    issuers,
    now,
  }: { issuers: readonly Pick<Oidc, "name" | "startDevice">[]; now: () => number }) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.name, issuer]));
    this.#now = now;
  }

  /** Throws REQUEST_INVALID, TOO_MANY_ATTEMPTS, IDENTITY_UNAVAILABLE. */
  async begin(provider: string, { address }: { address: string | null }): Promise<BegunDeviceLogin> {
    const issuer = this.#issuers.get(provider);
    if (issuer === undefined) throw unknownIssuer(provider, [...this.#issuers.keys()]);
    const start = { from: networkOf(address), site: siteOf(address) };
    this.#demandRoom(start);
    this.#starting.add(start);
    const starting = issuer.startDevice().finally(() => this.#starting.delete(start));
    const { proven, expiresInMs, ...shown } = await starting;
    const id = randomBytes(32).toString("base64url");
    const lifeMs = Math.min(Math.max(expiresInMs, 0), LONGEST_MS);
    this.#wait(hashOf(id), { provider, ...start, proven, lifeMs });
    return { ...shown, id, expiresAt: this.#now() + lifeMs };
  }

  /** By whom this login is decided; null where it is not known, or over. */
  providerOf(id: string): string | null {
    return this.#open.get(hashOf(id))?.provider ?? null;
  }

  /** null while it is not decided; once it is, it is told once. Throws UNAUTHENTICATED, IDENTITY_UNAVAILABLE, LOGIN_NOT_FOUND. */
  collect(id: string): { provider: string; identity: ProvenIdentity } | null {
    const key = hashOf(id);
    const login = this.#open.get(key);
    if (login === undefined)
      throw new BerthError("LOGIN_NOT_FOUND", "Cannot go on with this login: it is not known, or over");
    const { state, provider } = login;
    login.patience.refresh();
    if (state.kind === "pending") return null;
    this.#forget(key);
    if (state.kind === "failed") throw state.error;
    if (state.kind === "refused")
      throw new BerthError(
        "UNAUTHENTICATED",
        `Cannot log in by "${provider}": it was refused there, or not gone on with`,
      );
    return { provider, identity: state.identity };
  }

  [Symbol.dispose](): void {
    for (const key of this.#open.keys()) this.#forget(key);
  }

  /** Where all places are taken, the house that has most gives one up to whoever has fewer. Throws TOO_MANY_ATTEMPTS. */
  #demandRoom({ from, site }: { from: string; site: string }): void {
    const all = [...this.#open.values(), ...this.#starting];
    const ofSite = all.filter((login) => login.site === site).length;
    const ofOne = all.filter((login) => login.from === from).length;
    if (ofOne >= MOST_OF_ONE || ofSite >= MOST_OF_SITE) throw tooMany();
    if (all.length < MOST) return;
    const largest = largestSite(this.#open);
    if (largest === null || largest.count <= ofSite) throw tooMany();
    this.#forget(largest.oldest);
  }

  #wait(
    key: string,
    {
      proven,
      lifeMs,
      ...whose
    }: {
      provider: string;
      from: string;
      site: string;
      proven: DeviceStart["proven"];
      lifeMs: number;
    },
  ): void {
    const patience = setTimeout(() => this.#forget(key), ASKED_MS).unref();
    const login: Login = { ...whose, end: new AbortController(), patience, state: { kind: "pending" } };
    this.#open.set(key, login);
    const late = setTimeout(() => (login.state = { kind: "refused" }), lifeMs).unref();
    const over = setTimeout(() => this.#forget(key), lifeMs + COLLECT_MS).unref();
    login.end.signal.addEventListener("abort", () => [late, over, patience].forEach(clearTimeout), {
      once: true,
    });
    proven(login.end.signal)
      .then(
        (identity): State => (identity === null ? { kind: "refused" } : { kind: "proven", identity }),
        (error: unknown): State => ({ kind: "failed", error }),
      )
      .then((state) => {
        if (login.state.kind !== "pending") return;
        login.state = state;
        clearTimeout(late);
        setTimeout(() => this.#forget(key), COLLECT_MS).unref();
      })
      .catch(() => undefined);
  }

  #forget(key: string): void {
    this.#open.get(key)?.end.abort();
    this.#open.delete(key);
  }
}

function unknownIssuer(provider: string, known: readonly string[]): BerthError {
  const message =
    known.length === 0 ? "names no issuer: there is none" : `must be one of ${known.join(", ")}`;
  return new BerthError("REQUEST_INVALID", `Cannot log in by "${provider}" and a device`, {
    problems: [{ field: "provider", message }],
  });
}

function tooMany(): BerthError {
  return new BerthError("TOO_MANY_ATTEMPTS", "Cannot begin another login: too many wait already", {
    retryAfterMs: 60_000,
  });
}
