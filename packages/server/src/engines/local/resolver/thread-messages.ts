import type { NameSource } from "./name-rules.ts";
import type { ResolvedJob } from "./resolver-jobs.ts";

/** What the thread that answers begins with. */
export interface ResolverData {
  address: string;
  /** 0 for any that is free. */
  port: number;
  /** By what addresses are opened. */
  sets: { program: string; table: string };
  resolvConf: string;
  /** At which port the servers listen that the host asks. */
  hostServersPort: number | undefined;
  rules: readonly [digest: string, rules: NameSource][];
  jobs: readonly JournaledJob[];
}

export interface JournaledJob extends ResolvedJob {
  /** The file for what it asks. */
  lookups: string;
  /** See `HasAsked`. */
  asked: SharedArrayBuffer;
}

export type ToResolver =
  | { kind: "rules"; digest: string; rules: NameSource }
  | { kind: "forget"; digest: string }
  | { kind: "admit"; job: JournaledJob }
  /** What was asked until now is to be in the file. */
  | { kind: "flush"; address: string }
  | { kind: "dismiss"; address: string }
  /** Nothing is open any more of what was opened. */
  | { kind: "all-shut" }
  | { kind: "close" };

export type FromResolver =
  | { kind: "listening"; port: number }
  /** It cannot listen; the thread ends. */
  | { kind: "failed"; message: string }
  | { kind: "done"; what: "flush" | "dismiss"; address: string }
  | { kind: "problem"; message: string }
  | { kind: "closed" };
