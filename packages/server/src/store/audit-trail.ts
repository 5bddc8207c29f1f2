import { type ChainHead, newSeal, type Seal } from "../core/audit/chain.ts";

/** What a store seals its audit records with, and who notes how far that has come. */
export interface AuditTrail {
  readonly seal: Seal;
  /** Called with the end of the chain after it is on disk; often with the same. */
  sealed(head: ChainHead): void;
}

/** For stores that nobody will ask for their records: its key is in no file. */
export function unkeptTrail(): AuditTrail {
  return { seal: newSeal(), sealed: () => undefined };
}
