import type { Contact } from "../../../core/network/contact.ts";
import { contactsOf } from "./evidence.ts";
import { ENOENT, KernelError, type KernelSets } from "./kernel-sets.ts";

/** One line holds so many names. */
const MOST_LINKS = 1000;

/** Looks at evidence by a helper of its own: the kernel shows all of it to whoever asks for some, which takes its time. */
export class Looker implements AsyncDisposable {
  readonly #helper: KernelSets;
  #next: { links: Set<string>; found: Promise<Map<string, Contact[]>> } | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(helper: KernelSets) {
    this.#helper = helper;
  }

  /** Whoever asks while somebody else is shown something is shown it together with all others who do. */
  async look(link: string): Promise<Contact[]> {
    const links = this.#next?.links ?? new Set<string>();
    this.#next ??= { links, found: this.#lookFor(links) };
    links.add(link);
    return (await this.#next.found).get(link) ?? [];
  }

  /** Throws away what is known of the links, and takes away those that are there: their jobs have ended. */
  async forget(links: readonly string[]): Promise<void> {
    for (let at = 0; at < links.length; at += MOST_LINKS) {
      // What stays goes by itself: what is known after a week, a link with the last socket that has something to send.
      await this.#helper.ask(`forget ${links.slice(at, at + MOST_LINKS).join(" ")}`).catch(() => undefined);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#helper[Symbol.asyncDispose]();
  }

  async #lookFor(links: ReadonlySet<string>): Promise<Map<string, Contact[]>> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    this.#next = null;
    try {
      const all = [...links];
      const shown: string[] = [];
      for (let at = 0; at < all.length; at += MOST_LINKS)
        shown.push(...(await this.#helper.ask(`list ${all.slice(at, at + MOST_LINKS).join(" ")}`)));
      return contactsOf(shown, Date.now());
    } catch (error) {
      if (error instanceof KernelError && error.errno === ENOENT) return new Map();
      throw error;
    } finally {
      resolve();
    }
  }
}
