import { setImmediate as nextTurn } from "node:timers/promises";
import { BerthError, type SecretUse } from "@berth/protocol";
import type { SecretValues } from "../core/secrets/merge-update.ts";
import type { Source } from "../core/task/source.ts";
import { type GivenSecrets, secretsOfJob } from "../core/secrets/secrets-of-job.ts";
import { Automaton } from "../logs/masks/automaton.ts";
import { patternsOf } from "../logs/masks/variants.ts";
import type { SecretStore } from "../store/secret-store.ts";
import type { Secrets } from "./secrets.ts";

/** What is asked of a job: most have no secret, which costs no look at what it asked for. */
interface AskingJob {
  id: string;
  source: Source | null;
  spec: { mentions(field: "secrets"): boolean; view: { secrets?: readonly SecretUse[] | undefined } };
}

/** What masks may take of memory while nobody is known to need them. */
const KEPT_BYTES = 8 * 2 ** 20;

/** What jobs were given to know, for the one who hands it to them, and for those who keep it out of sight. */
export class JobSecrets {
  readonly #secrets: Pick<Secrets, "values">;
  readonly #store: Pick<SecretStore, "ofJob">;
  /** By job, the one that was used last at the end. */
  readonly #masks = new Map<string, Promise<Automaton>>();
  #bytes = 0;

  constructor({ secrets, store }: { secrets: Pick<Secrets, "values">; store: Pick<SecretStore, "ofJob"> }) {
    this.#secrets = secrets;
    this.#store = store;
  }

  /** null for a job without secrets. Throws SECRET_NOT_FOUND, SECRET_KEY_MISSING where they are not to be had any more. */
  async given({ id, spec }: Omit<AskingJob, "source">): Promise<GivenSecrets | null> {
    const uses = spec.mentions("secrets") ? spec.view.secrets : undefined;
    if (uses === undefined || uses.length === 0) return null;
    const values = new Map<string, SecretValues>();
    for (const { name, version } of await this.#store.ofJob(id)) {
      const found = await this.#secrets.values(version);
      if (found !== null) values.set(name, found);
    }
    const made = secretsOfJob(uses, { valuesOf: (name) => values.get(name) ?? new Map(), variables: [] });
    if ("given" in made) return made.given;
    throw new BerthError(
      "SECRET_NOT_FOUND",
      `Cannot read the secrets of job "${id}": they are not stored any more`,
    );
  }

  /** What is shown to the host of its source, as a file; null for nothing. Never the job's own to know. */
  async ofSource({ id, source }: Pick<AskingJob, "id" | "source">): Promise<GivenSecrets | null> {
    const credentials = source?.credentials ?? null;
    if (credentials === null) return null;
    const pinned = (await this.#store.ofJob(id)).find(({ name }) => name === credentials.secret);
    const values = pinned === undefined ? null : await this.#secrets.values(pinned.version);
    const value = values?.get(credentials.key);
    if (value === undefined)
      throw new BerthError(
        "SECRET_NOT_FOUND",
        `Cannot read the credentials of job "${id}": they are not stored any more`,
      );
    return { files: new Map([[credentials.key, value]]), env: new Map() };
  }

  /** What hides its secrets; null for a job without any. Nothing of its output may be shown where this throws. */
  masks(job: AskingJob): Promise<Automaton> | null {
    const isGiven = job.spec.mentions("secrets") && (job.spec.view.secrets ?? []).length > 0;
    if (!isGiven && (job.source?.credentials ?? null) === null) return null;
    const known = this.#masks.get(job.id);
    if (known !== undefined) {
      this.#masks.delete(job.id);
      this.#masks.set(job.id, known);
      return known;
    }
    const made = this.#make(job);
    this.#masks.set(job.id, made);
    made.catch(() => this.#masks.delete(job.id));
    return made;
  }

  async #make(job: AskingJob): Promise<Automaton> {
    const all = [await this.given(job), await this.ofSource(job)];
    const patterns: Buffer[] = [];
    for (const value of all.flatMap((given) => [
      ...(given?.files.values() ?? []),
      ...(given?.env.values() ?? []),
    ])) {
      patterns.push(...patternsOf([value]));
      await nextTurn();
    }
    const automaton = new Automaton(patterns);
    this.#bytes += automaton.bytes;
    await this.#makeRoom(job.id);
    return automaton;
  }

  async #makeRoom(besides: string): Promise<void> {
    for (const [id, masks] of this.#masks) {
      if (this.#bytes <= KEPT_BYTES) return;
      if (id === besides) continue;
      this.#masks.delete(id);
      this.#bytes -= (await masks.catch(() => null))?.bytes ?? 0;
    }
  }
}
