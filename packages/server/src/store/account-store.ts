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
  change(id: string, change: AccountChange): Promise<boolean>;
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

interface NewPassword {
  hash: string;
  at: number;
  mustChange: boolean;
}

export interface NewAccount extends Pick<Account, "id" | "name" | "key" | "display" | "createdAt"> {
  password: NewPassword | null;
  identity: Identified | null;
}

export interface AccountChange {
  display?: string | null;
  deletedAt?: number | null;
  password?: NewPassword | null;
}
