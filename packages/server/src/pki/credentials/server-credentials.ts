import type { PrivateKeyPem } from "../keys.ts";

/** What a server needs for mutual TLS. All texts are PEM. */
export interface ServerCredentials {
  key: PrivateKeyPem;
  /** Its certificate, then what leads to a root. */
  chain: string;
  /** Who may have signed a client's certificate; may hold authorities that are no roots. */
  clientCas: string;
  /** Epoch ms at which the server's certificate ends. */
  notAfter: number;
}

/** Where the server's key and certificates come from. They change while the server runs. */
export interface ServerCredentialsSource extends AsyncDisposable {
  readonly current: ServerCredentials;
  /** Calls `listener` after `current` has changed. Returns the way to stop that. */
  onChange(listener: () => void): () => void;
}

/** The part that all sources share: what is current, and who wants to know. */
export class CurrentCredentials {
  readonly #listeners = new Set<() => void>();
  #value: ServerCredentials;

  constructor(value: ServerCredentials) {
    this.#value = value;
  }

  get value(): ServerCredentials {
    return this.#value;
  }

  set(value: ServerCredentials): void {
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
