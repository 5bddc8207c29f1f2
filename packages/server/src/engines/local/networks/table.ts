import { createHash } from "node:crypto";
import type { GrantedProfile, NetworkRules } from "../../../core/network/profile.ts";
import { KeptProfiles } from "./kept-profiles.ts";
import { runNft } from "./nft.ts";
import { type NamedRules, profileRemoval, profileText } from "./profile-text.ts";
import { type GrantedLink, ruleset, type TableOptions, tableOf } from "./ruleset.ts";

export interface LoaderOptions extends TableOptions {
  /** Keeps the rules of the profiles that the table has, for the next server. */
  folder: string;
  /** Waits until all that was changed before is told. */
  sync: () => Promise<unknown>;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
}

/** Profiles that nobody has by now stay for the next job, up to so many. */
const MOST_UNUSED = 64;

/** All that a profile can have in the table: a release that writes any of it in other words has another table. */
const sample: NamedRules = {
  id: "p",
  rules: {
    isPublic: false,
    named: [{ range: "10.0.0.1", protocol: "tcp", ports: { first: 1, last: 1 } }],
    open: [{ range: "1.1.1.1", protocol: "udp", ports: { first: 1, last: 2 } }],
    domains: ["example.org"],
    services: [{ protocol: "tcp", ports: { first: 443, last: 443 } }],
    resolvers: [],
    hostPorts: [80],
    connections: 1,
    rate: 1,
  },
};

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** What stays as it was loaded, whatever profiles come and go. */
const withoutProfiles = (listed: string): string =>
  listed
    .replaceAll(/^\t(?:chain|set|map) p[0-9a-f]{32}_\S+ \{\n(?:.*\n)*?\t\}\n/gm, "")
    .replaceAll(/\n+/g, "\n");

/** What names the chains of a profile, of the same rules always the same. */
export const profileId = (digest: string): string => `p${digest.slice(0, 32)}`;

/**
 * The table of this server in the kernel: loaded whole when it is not there, and by profile after that. One change at a
 * time, so that a change by somebody else can be told from those by us.
 */
export class Table {
  readonly name: string;
  readonly #options: LoaderOptions;
  readonly #version: string;
  /** The profiles that the table has, those used last behind. */
  readonly #profiles: Map<string, NetworkRules>;
  readonly #kept: KeptProfiles;
  readonly #granted = new Map<string, GrantedLink>();
  /** As `nft` lists it, when it was as it should be. */
  #shape: string | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #expected = 0;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.name = tableOf(options.server);
    this.#version = `version_${hashOf(ruleset({ ...options, profiles: [sample], granted: [] }))}`;
    this.#kept = new KeptProfiles(options.folder);
    this.#profiles = this.#kept.read((file, why) =>
      options.onNotice(
        "the rules of a network profile were not kept whole: its jobs keep what the kernel holds",
        {
          file,
          why,
        },
      ),
    );
  }

  /** Links that are let through, as far as this server knows. */
  get granted(): ReadonlyMap<string, GrantedLink> {
    return this.#granted;
  }

  /** Takes over the table of an earlier server, with what it has counted; loads it anew where it is another or none. */
  async open(): Promise<"kept" | "loaded"> {
    if (await this.#isThere()) return "kept";
    await this.mend();
    return "loaded";
  }

  /** Puts back the whole table, with all that is granted. What it has counted is gone. */
  async mend(): Promise<void> {
    await this.#change(() => {
      const used = new Set([...this.#granted.values()].map(({ profile }) => profile));
      const profiles = [...this.#profiles].filter(([id]) => used.has(id));
      for (const id of this.#profiles.keys()) if (!used.has(id)) this.#forget(id);
      // What nobody knows the rules of reaches nothing from now on.
      const granted = [...this.#granted.values()].filter(({ profile }) => this.#profiles.has(profile));
      return this.#text(profiles, granted);
    });
    await this.#queue(async () => {
      if (this.#shape !== null) this.#kept.keepShape(hashOf(withoutProfiles(this.#shape)));
    });
  }

  /** Sees to it that the table has the chains of the profile. */
  async need({ digest, rules }: Pick<GrantedProfile, "digest" | "rules">): Promise<string> {
    const id = profileId(digest);
    if (this.#touch(id)) return id;
    const gone: string[] = [];
    // Only now, as whoever is killed before that must find the rules of all that the kernel has.
    const arrived = (): void => {
      this.#profiles.set(id, rules);
      for (const one of gone) this.#forget(one);
    };
    await this.#change(() => {
      if (this.#touch(id)) return null;
      const unused = this.#unused();
      gone.push(...unused.keys());
      const removals = [...unused].map(([one, its]) => profileRemoval(this.name, { id: one, rules: its }));
      const text = `${removals.join("")}table inet ${this.name} {\n${profileText({ id, rules }, this.#options)}\n}\n`;
      this.#kept.keep(id, rules);
      return text;
    }, arrived).catch((error: unknown) => {
      this.#forget(id);
      throw error;
    });
    return id;
  }

  /** Notes that the link is let through, or is no more: for when the table has to be put back. */
  note(granted: GrantedLink): void {
    this.#granted.set(granted.link, granted);
  }

  drop(link: string): void {
    this.#granted.delete(link);
  }

  rulesOf(digest: string): NetworkRules | null {
    return this.#profiles.get(profileId(digest)) ?? null;
  }

  /** To be told of each change that was heard of. True where it was none of ours: each of ours is one. */
  isForeign(): boolean {
    if (this.#expected === 0) return true;
    this.#expected -= 1;
    return false;
  }

  /** Whether its chains are as they were after the last change of ours. */
  async isWhole(): Promise<boolean> {
    let isWhole = false;
    await this.#queue(async () => {
      isWhole = this.#shape !== null && (await this.#readShape()) === this.#shape;
    });
    return isWhole;
  }

  /** Takes it out of the kernel, with all that it holds. */
  async remove(): Promise<void> {
    await this.#change(() => `table inet ${this.name}\ndelete table inet ${this.name}\n`);
    for (const id of this.#profiles.keys()) this.#forget(id);
  }

  #text(profiles: readonly (readonly [string, NetworkRules])[], granted: readonly GrantedLink[]): string {
    const named = profiles.map(([id, rules]) => ({ id, rules }));
    const text = ruleset({ ...this.#options, profiles: named, granted });
    return `${text}add chain inet ${this.name} ${this.#version}\n`;
  }

  /** The chains and rules, without what is in the sets; null where there is no such table. */
  #readShape(): Promise<string | null> {
    return runNft(`list table inet ${this.name}\n`, ["-s", "-t"]).catch(() => null);
  }

  async #isThere(): Promise<boolean> {
    this.#shape = await this.#readShape();
    if (!this.#shape?.includes(`chain ${this.#version} {`)) return false;
    const known = this.#kept.shape();
    if (known !== null && known !== hashOf(withoutProfiles(this.#shape))) {
      this.#options.onNotice(
        "somebody else has changed the table of jobs' networks while no server was there",
        {
          table: this.name,
        },
      );
      return false;
    }
    for (const id of this.#profiles.keys()) if (!this.#shape.includes(`chain ${id}_out {`)) this.#forget(id);
    return true;
  }

  /** What `text` gives is done in one change; null: nothing. `done` is called when the kernel has it, before the next change. */
  #change(text: () => string | null, done = (): void => undefined): Promise<void> {
    return this.#queue(async () => {
      const commands = text();
      if (commands === null) return;
      this.#expected = 1;
      try {
        await runNft(commands);
        done();
        await this.#options.sync();
      } finally {
        this.#expected = 0;
      }
      // Nobody waits for it but the next change.
      void this.#queue(async () => {
        this.#shape = await this.#readShape();
      });
    });
  }

  /** One after the other. */
  #queue(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Profiles that were used longest ago and that nobody has. */
  #unused(): Map<string, NetworkRules> {
    const used = new Set([...this.#granted.values()].map(({ profile }) => profile));
    const unused = [...this.#profiles].filter(([id]) => !used.has(id));
    return new Map(unused.slice(0, Math.max(0, unused.length + 1 - MOST_UNUSED)));
  }

  #touch(id: string): boolean {
    const rules = this.#profiles.get(id);
    if (!rules) return false;
    this.#profiles.delete(id);
    this.#profiles.set(id, rules);
    return true;
  }

  #forget(id: string): void {
    this.#profiles.delete(id);
    this.#kept.forget(id);
  }
}
