/** Secrets: never what they hold but sealed, see `secrets/secret-box.ts`. */
export interface SecretStore {
  /** By name. */
  list(): Promise<StoredSecret[]>;
  get(name: string): Promise<StoredSecret | null>;
  /** False where there is one of this name. */
  insert(secret: StoredSecret, version: SecretVersion): Promise<boolean>;
  /** Another version in the place of `from`. False where that is not its current one. */
  update(
    name: string,
    change: { from: string; to: SecretVersion; keys: readonly string[]; at: number },
  ): Promise<boolean>;
  /** False where there is none of this name, or a job that has not ended has it. */
  delete(name: string): Promise<boolean>;
  version(id: string): Promise<SecretVersion | null>;
  /** The version that was read last from mounted files of this name. */
  lastMounted(name: string): Promise<SecretVersion | null>;
  keepMounted(version: SecretVersion): Promise<void>;
  /** What this job was given, by name. */
  ofJob(jobId: string): Promise<JobSecret[]>;
  /** Ids of the first jobs that have not ended and have a secret of this name. */
  users(name: string, limit: number): Promise<string[]>;
  /** The first versions of secrets that another master key has sealed. */
  sealedOtherwise(keyId: string, limit: number): Promise<SecretVersion[]>;
  /** Another master key seals this version, unless somebody was faster. */
  reseal(id: string, change: { from: string; to: Envelope }): Promise<void>;
  /** Of all master keys that have sealed a secret which is there. */
  keyIds(): Promise<string[]>;
  /** The keys of audit trails that are kept here: of each its id is that of the version. */
  auditKeys(): Promise<SecretVersion[]>;
  /** In the place of what is there under its id. */
  keepAuditKey(version: SecretVersion): Promise<void>;
  /** Forgets versions that neither a secret nor a job has. */
  prune(): Promise<void>;
}

export interface StoredSecret {
  name: string;
  /** Raised by each update. */
  version: number;
  /** The id of the version that it has now. */
  current: string;
  keys: readonly string[];
  createdAt: number;
  updatedAt: number;
}

/** Values of a secret under a key of their own, and that key under a master key; see `secrets/secret-box.ts`. */
export interface Envelope {
  /** Which master key. */
  keyId: string;
  dataKey: string;
  sealed: string;
}

export interface SecretVersion extends Envelope {
  id: string;
  name: string;
  /** `audit`: no secret, but the key of an audit trail, which nothing but its id names. */
  source: "stored" | "files" | "audit";
  createdAt: number;
}

/** Which version of a secret a job was given. */
export interface JobSecret {
  name: string;
  version: string;
}
