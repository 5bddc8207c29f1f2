import type { Block, ChainHead, Seal } from "../../core/audit/chain.ts";
import { OpenBlock } from "../../core/audit/open-block.ts";
import type { Statements } from "./statements.ts";

const LAST = "SELECT seq, hash FROM audit_block WHERE chain = ? ORDER BY seq DESC LIMIT 1";

/** Where the audit chain of this server ends. Read once, then known; read again where nobody knows what was stored. */
export class AuditHead {
  readonly #statements: Statements;
  readonly #seal: Seal;
  /** undefined: it must be read. null: the chain has not begun. */
  #last: ChainHead | null | undefined;

  constructor(statements: Statements, seal: Seal) {
    this.#statements = statements;
    this.#seal = seal;
  }

  /** Null where nothing was sealed by this writer yet. */
  get last(): ChainHead | null {
    return this.#last ?? null;
  }

  /** Within the transaction that the block is of. */
  begin(): OpenBlock {
    if (this.#last === undefined) {
      const row = this.#statements.get(LAST).get(this.#seal.chain);
      this.#last = row === undefined ? null : { seq: Number(row["seq"]), hash: String(row["hash"]) };
    }
    return new OpenBlock(this.#seal, this.#last);
  }

  /** It is on disk. */
  move({ seq, hash }: Block): void {
    this.#last = { seq, hash };
  }

  forget(): void {
    this.#last = undefined;
  }
}
