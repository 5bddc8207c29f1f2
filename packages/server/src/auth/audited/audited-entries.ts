import type { Audit } from "../../audit/audit.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Arrival } from "../identity.ts";
import { noteRefusal } from "./audited-identity.ts";

/** More are forgotten, oldest first: one that comes back is recorded again. */
const MOST_KNOWN = 10_000;

/** Records who enters by another server's word: each credential when it is first met, and each time it is refused. */
export class AuditedEntries {
  readonly #audit: Pick<Audit, "entry" | "ofServer" | "note">;
  readonly #provider: string;
  /** The account of each credential, by its id. */
  readonly #known = new Map<string, string>();

  constructor(audit: Pick<Audit, "entry" | "ofServer" | "note">, provider: string) {
    this.#audit = audit;
    this.#provider = provider;
  }

  entered(caller: Caller): void {
    const { id } = caller.credential;
    const { name } = caller.principal;
    if (this.#known.get(id) === name) return;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(id, name);
    const about = { provider: this.#provider };
    this.#audit.note(this.#audit.entry(caller, { verb: "enter", resource: "server", name: null, about }));
  }

  refused(arrival: Arrival, error: unknown): void {
    noteRefusal(this.#audit, arrival, { provider: this.#provider, error });
  }
}
