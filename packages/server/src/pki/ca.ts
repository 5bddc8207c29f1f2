import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "@berth/protocol";
import type { Clock } from "../lib/clock.ts";
import type { AuthorityStore } from "../store/certificate-store.ts";
import { type Authority, canonicalSerial, pemOf, rootOf } from "./authority.ts";
import { createRoot } from "./create-root.ts";
import {
  type Authorities,
  openPkiFolder,
  readAuthorities,
  writeAuthorities,
} from "./files/authority-file.ts";
import { writeDurably } from "./files/durable-file.ts";

export interface CaOptions {
  /** `<dataDir>/pki`. One process at a time may use it: the one that holds the data folder's lock. */
  folder: string;
  clock: Clock;
  /** Whose past is known. */
  authorities: AuthorityStore;
  /** Told what could not be stored, but is so all the same: an authority's end, the roots for clients. */
  report: (what: string, error: unknown) => void;
}

/** Opens the authority in the folder, or makes one with a root of its own, which takes a second or two. */
export async function openCa(options: CaOptions): Promise<Ca> {
  await openPkiFolder(options.folder);
  const found = await readAuthorities(options.folder);
  if (found) {
    const ca = new Ca(options, found);
    await ca.mendRoots();
    await ca.meet();
    return ca;
  }
  return createCa(options, await createRoot({ now: options.clock.now() }));
}

/** Begins with this authority: a new root, or one that a company's own has signed. Throws when there is one already. */
export async function createCa(options: CaOptions, current: Authority): Promise<Ca> {
  const { folder } = options;
  await openPkiFolder(folder);
  if (await readAuthorities(folder)) {
    throw new BerthError(
      "SETTINGS_INVALID",
      `Cannot create an authority in "${folder}": there is one; rotate it`,
    );
  }
  const ca = new Ca(options, { current, previous: [] });
  await options.authorities.remember({ serial: serialOf(current), trustedFrom: 0 });
  await ca.save();
  return ca;
}

/** The authority that signs now, and those before it for as long as they are trusted. */
export class Ca implements AsyncDisposable {
  readonly #options: CaOptions;
  readonly #listeners = new Set<() => void>();
  #authorities: Authorities;
  #cancelTimer = (): void => {};
  #saved: Promise<unknown> = Promise.resolve();
  #known: ReadonlyMap<string, number> = new Map();

  constructor(options: CaOptions, authorities: Authorities) {
    this.#options = options;
    this.#authorities = authorities;
    this.#awaitEnd();
  }

  get current(): Authority {
    return this.#authorities.current;
  }

  /** Newest first. */
  get trusted(): Authority[] {
    return [this.current, ...this.previous.map(({ authority }) => authority)];
  }

  /** Those before the current one that are still trusted, newest first. */
  get previous(): Authorities["previous"] {
    const now = this.#options.clock.now();
    return this.#authorities.previous.filter(({ trustedUntil }) => trustedUntil > now);
  }

  /** Until when, in epoch ms, an authority before the current one is trusted; null when there is none. */
  get overlapEnd(): number | null {
    const ends = this.previous.map(({ trustedUntil }) => trustedUntil);
    return ends.length === 0 ? null : Math.max(...ends);
  }

  /**
   * Who may have signed a client's certificate, as PEM: the authorities themselves. Not the root above an adopted one,
   * below which others sign too: so a verifier must take authorities that are no roots.
   */
  get clientCas(): string {
    return pemOf(this.trusted.map(({ certificate }) => certificate));
  }

  /** What clients must trust to know the server, as PEM: their `ca.crt`. Also kept in `<folder>/ca.crt`. */
  get roots(): string {
    return [...new Set(this.trusted.map((one) => pemOf([rootOf(one)])))].join("");
  }

  /** Calls `listener` after the trusted authorities have changed. Returns the way to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * From when on, in epoch ms, what an authority has signed can be trusted: what came before may have been revoked in a
   * store that is lost. 0 where everything is known of it.
   */
  trustedFrom(authority: Authority): number {
    return this.#known.get(serialOf(authority)) ?? 0;
  }

  /** The same by the name that an issuer has in what it signed. Of a name that nobody here has, the strictest. */
  trustedFromOf(issuerName: string): number {
    const named = this.trusted.filter((one) => nameOf(one) === issuerName);
    const asked = named.length > 0 ? named : this.trusted;
    return Math.max(...asked.map((one) => this.trustedFrom(one)));
  }

  /** An authority that the store does not know is older than the store: what that one knew is lost. */
  async meet(): Promise<void> {
    const { authorities, clock } = this.#options;
    const known = new Map((await authorities.list()).map(({ serial, trustedFrom }) => [serial, trustedFrom]));
    for (const serial of this.trusted.map(serialOf)) {
      if (known.has(serial)) continue;
      known.set(serial, clock.now());
      await authorities.remember({ serial, trustedFrom: clock.now() });
    }
    this.#known = known;
  }

  /** Signs with `next` from now on, and trusts what was before it until epoch ms `trustedUntil`. */
  async replace(next: Authority, { trustedUntil }: { trustedUntil: number }): Promise<void> {
    const before = this.#authorities;
    // Before it can sign: one that the store does not know is taken for older than the store.
    await this.#options.authorities.remember({ serial: serialOf(next), trustedFrom: 0 });
    this.#authorities = {
      current: next,
      previous: [{ authority: before.current, trustedUntil }, ...this.previous],
    };
    try {
      await this.save();
    } catch (error) {
      this.#authorities = before;
      await this.mendRoots();
      throw error;
    }
    this.#changed();
  }

  /** Stores what is true when its turn comes. Throws BerthError STORAGE_FAILED. */
  save(): Promise<void> {
    const saved = this.#saved.then(() => this.#write());
    this.#saved = saved.catch(() => {});
    return saved;
  }

  /** Writes `ca.crt` where it is not `roots`: after a crash between the two files, or by whoever changed it. */
  async mendRoots(): Promise<void> {
    const found = await readFile(this.#rootsPath, "utf8").catch(() => null);
    if (found === this.roots) return;
    await this.#writeRoots().catch((error: unknown) => {
      this.#options.report("Cannot write the roots that clients need", error);
    });
  }

  get #rootsPath(): string {
    return join(this.#options.folder, "ca.crt");
  }

  #writeRoots(): Promise<void> {
    return writeDurably(this.#rootsPath, this.roots, { mode: 0o644 });
  }

  async #write(): Promise<void> {
    // The roots first: one too many harms nobody, and an authority that signs already must be among them.
    await this.#writeRoots();
    await writeAuthorities(this.#options.folder, this.#authorities);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelTimer();
    this.#listeners.clear();
    await this.#saved;
  }

  #changed(): void {
    this.#awaitEnd();
    for (const listener of this.#listeners) listener();
  }

  /** Forgets each previous authority, its key included, when its time is over. */
  #awaitEnd(): void {
    this.#cancelTimer();
    const { clock, report } = this.#options;
    const ends = this.#authorities.previous.map(({ trustedUntil }) => trustedUntil);
    if (ends.length === 0) return;
    this.#cancelTimer = clock.setTimer(Math.min(...ends), () => {
      const previous = this.previous;
      // What a previous authority signed ends with it.
      const now = clock.now();
      const crosses = this.current.crosses.filter(({ notAfter }) => notAfter.getTime() > now);
      const current = { ...this.current, crosses: previous.length === 0 ? [] : crosses };
      this.#authorities = { current, previous };
      this.save().catch((error: unknown) => report("Cannot forget an authority whose time is over", error));
      this.#changed();
    });
  }
}

/** As it stands in the certificates that it signs. */
export function nameOf({ certificate }: Authority): string {
  return certificate.subjectName.getField("CN").join(" ");
}

function serialOf({ certificate }: Authority): string {
  return canonicalSerial(certificate.serialNumber);
}
