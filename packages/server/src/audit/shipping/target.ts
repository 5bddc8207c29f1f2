import type { AuditRecord } from "@berth/protocol";

/** Where audit records are shipped to. */
export interface Target {
  /** By which the store knows how far it has come: a new address under the same name goes on where the old one was. */
  readonly name: "syslog" | "webhook";
  /** For messages. */
  readonly place: string;
  /**
   * Resolves when the other side has all of them, in order. Rejects where that is not certain, in bounded time: they are sent
   * again then, and may come twice.
   */
  send(records: readonly AuditRecord[], signal: AbortSignal): Promise<void>;
}
