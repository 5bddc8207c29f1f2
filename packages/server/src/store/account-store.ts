/** Who can be somebody here. What is deleted stays, so that nobody else gets its name and what belongs to that. */
export interface AccountStore {
  /** All, also those that are deleted, by key. */
  list(): Promise<Account[]>;
  /** By the key of its name. */
  find(key: string): Promise<Account | null>;
  /** With its password, for whoever checks it. */
  findPassword(key: string): Promise<{ account: Account; hash: string | null } | null>;
  /** Whom a provider knows by this subject. */
  findIdentity(identity: Identified): Promise<Account | null>;
  /** False where there is, or was, one whose name has the same key, or the identity is another's. */
  insert(account: NewAccount): Promise<boolean>;
  /** False where it is not there. */
  change(id: string, change: Pick<Account, "display">): Promise<boolean>;
  /** Sets its password, or, with null, takes it away, and ends its sessions but the one to be kept; returns the ids of those that ended, null where it is not there. */
  setPassword(
    account: Pick<Account, "id" | "name">,
    password: NewPassword | null,
    options: { keep: string | null },
  ): Promise<string[] | null>;
  /** Its name is locked with it, and its sessions and tokens are gone. False where it is not there, or was deleted before. */
  delete(account: Pick<Account, "id" | "name">, at: number): Promise<boolean>;
  /** The other way round, but for sessions and tokens. False where it is not deleted. */
  restore(account: Pick<Account, "id" | "name">): Promise<boolean>;
  /** Makes an identity this account's. False where it is one's already. */
  link(id: string, identity: Identified): Promise<boolean>;
  /** False where it was not this account's. */
  unlink(id: string, identity: Identified): Promise<boolean>;
  /** What it is known by elsewhere, by provider. */
  identities(id: string): Promise<Identified[]>;
}

export interface Account {
  id: string;
  /** The owner of what it makes. Never changes. */
  name: string;
  /** `foldName` of it: no two accounts have the same. */
  key: string;
  display: string | null;
  createdAt: number;
  deletedAt: number | null;
  /** When its password was set; null without one. */
  passwordAt: number | null;
  /** Its password was chosen by somebody else, and lets it do nothing but choose one. */
  mustChange: boolean;
}

/** How a provider knows somebody. */
export interface Identified {
  provider: string;
  subject: string;
}

export interface NewPassword {
  hash: string;
  at: number;
  mustChange: boolean;
}

export interface NewAccount extends Pick<Account, "id" | "name" | "key" | "display" | "createdAt"> {
  password: NewPassword | null;
  identity: Identified | null;
}
