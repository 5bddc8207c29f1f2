import { type Block, blockHash, type ChainHead, digestOf, noHash, type Seal } from "./chain.ts";

/** Where the writer puts what it alone knows among the parameters of a record's statement, and what it seals. */
const auditParameters = { chain: 0, seq: 1, n: 2, at: 3, record: 4 } as const;

interface Taken {
  write: number;
  n: number;
  at: number;
  digest: string;
}

/**
 * The block of a transaction that is being put together. Which writes of it hold is known at its end alone: so records get
 * their numbers as they are sent, and are sealed when it is known which of them are there.
 */
export class OpenBlock {
  readonly #seal: Seal;
  readonly #head: ChainHead | null;
  readonly #taken: Taken[] = [];

  constructor(seal: Seal, head: ChainHead | null) {
    this.#seal = seal;
    this.#head = head;
  }

  /** The parameters of a record's statement, complete. `write` is the write of the batch that it belongs to. */
  take(parameters: readonly unknown[], write: number): unknown[] {
    const n = this.#taken.length + 1;
    const filled = [...parameters];
    filled[auditParameters.chain] = this.#seal.chain;
    filled[auditParameters.seq] = this.#seq;
    filled[auditParameters.n] = n;
    const at = Number(parameters[auditParameters.at]);
    this.#taken.push({ write, n, at, digest: digestOf(String(parameters[auditParameters.record])) });
    return filled;
  }

  /** The sealed block of the records whose writes hold; null where there are none. */
  close(holds: (write: number) => boolean): Block | null {
    const records = this.#taken.filter(({ write }) => holds(write));
    if (records.length === 0) return null;
    const { chain, keyId, key } = this.#seal;
    const times = records.map(({ at }) => at);
    const block = {
      chain,
      seq: this.#seq,
      keyId,
      firstAt: Math.min(...times),
      at: Math.max(...times),
      count: records.length,
      prev: this.#head?.hash ?? noHash,
    };
    return { ...block, hash: blockHash(key, block, records) };
  }

  get #seq(): number {
    return (this.#head?.seq ?? 0) + 1;
  }
}
