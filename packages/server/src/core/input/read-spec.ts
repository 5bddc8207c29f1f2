import type { JobSpec } from "@berth/protocol";
import type { KeptSpec } from "../job/kept-spec.ts";
import type { InfrastructureKind } from "../stages/kinds.ts";

/** What decides whether and how a job is taken: a few words. */
export type SpecHead = Pick<
  JobSpec,
  | "name"
  | "labels"
  | "engine"
  | "archive"
  | "resources"
  | "timeouts"
  | "output"
  | "network"
  | "observe"
  | "secrets"
  | "priority"
>;

/** Contents as they came with a job. */
export interface Contents {
  files: { name: string; content: Uint8Array }[];
  stdin: Uint8Array | null;
  /** The SHA-256 of the owner's upload that is unpacked: it is kept until the inputs are dropped. Default: none. */
  archive?: string | undefined;
}

/** A spec that was checked and taken apart where nobody waits for it: what is large of it is bytes that nobody looks into. */
export class ReadSpec {
  readonly head: SpecHead;
  readonly kept: KeptSpec;
  readonly contents: Contents;
  /** What makes two requests the same. */
  readonly requestHash: string;
  /** The stages before the user's, in order. */
  readonly before: readonly InfrastructureKind[];

  constructor({ head, kept, contents, requestHash, before }: ReadSpec) {
    this.head = head;
    this.kept = kept;
    this.contents = contents;
    this.requestHash = requestHash;
    this.before = before;
  }
}
