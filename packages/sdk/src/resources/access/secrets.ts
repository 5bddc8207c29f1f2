import type { RotatedKey, Secret, SecretValue } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { asRotatedKey, asSecret, asSecretList } from "../answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";

/** Values by key: text, or bytes as base64. */
export type SecretChange = SignalOptions & {
  values: Readonly<Record<string, SecretValue>>;
  /** Takes values of fewer than 6 bytes too, which are not masked in output. */
  short?: boolean | undefined;
};

/** What jobs are given to know. What a secret holds goes to the server, and is never answered. */
export class Secrets {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** By name, with their keys. */
  async list({ signal }: SignalOptions = {}): Promise<Secret[]> {
    return asSecretList(await this.#rest.json({ route: routes.listSecrets, signal }), this.#rest.url).items;
  }

  /** Throws SECRET_NOT_FOUND. */
  async get(name: string, { signal }: SignalOptions = {}): Promise<Secret> {
    return asSecret(await this.#rest.json({ route: routes.getSecret, name, signal }), this.#rest.url);
  }

  /**
   * Throws SECRET_EXISTS.
   *
   * @example
   * ```ts
   * await berth.secrets.create("database", { values: { password: "correct-horse" } });
   * ```
   */
  async create(name: string, { signal, ...body }: SecretChange): Promise<Secret> {
    const call = { route: routes.createSecret, body: { name, ...body }, signal, patienceMs: 0 };
    return asSecret(await this.#rest.json(call), this.#rest.url);
  }

  /**
   * Sets what is named, for jobs submitted from now on: twelve asterisks keep what is there, as does silence, the empty text
   * deletes the key. Throws SECRET_NOT_FOUND, SECRET_READ_ONLY.
   */
  async update(name: string, { signal, ...body }: SecretChange): Promise<Secret> {
    const call = { route: routes.updateSecret, name, body, signal, patienceMs: 0 };
    return asSecret(await this.#rest.json(call), this.#rest.url);
  }

  /** Throws SECRET_NOT_FOUND, SECRET_READ_ONLY, and SECRET_IN_USE while a job that has not ended has it. */
  async delete(name: string, { signal }: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteSecret, name, signal, patienceMs: 0 });
  }

  /** Has all secrets sealed by a new master key. Throws SECRET_KEY_MISSING. */
  async rotateKey({ signal }: SignalOptions = {}): Promise<RotatedKey> {
    const call = { route: routes.rotateSecretKey, body: {}, signal, patienceMs: 0 };
    return asRotatedKey(await this.#rest.json(call), this.#rest.url);
  }
}
