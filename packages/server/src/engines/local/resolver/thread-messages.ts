import type { NameSource } from "./name-rules.ts";
import type { ResolvedJob } from "./resolver-jobs.ts";

/** What the thread that answers begins with. */
export interface ResolverData {
  address: string;
  /** 0 for any that is free. */
  port: number;
  resolvConf: string;
  /** At which port the servers listen that the host asks. */
  hostServersPort: number | undefined;
  rules: readonly [digest: string, rules: NameSource][];
  jobs: readonly JournaledJob[];
}

export interface JournaledJob extends ResolvedJob {
  /** The file for what it asks. */
  lookups: string;
}

export type ToResolver =
  | { kind: "rules"; digest: string; rules: NameSource }
  | { kind: "forget"; digest: string }
  | { kind: "admit"; job: JournaledJob }
  | { kind: "dismiss"; address: string }
  | { kind: "opened"; number: number; failure: string | null }
  | { kind: "close" };

export type FromResolver =
  | { kind: "listening"; port: number }
  /** It cannot listen; the thread ends. */
  | { kind: "failed"; message: string }
  | { kind: "admitted"; address: string }
  | { kind: "open"; number: number; link: string; addresses: readonly string[]; ms: number }
  | { kind: "problem"; message: string }
  | { kind: "closed" };
