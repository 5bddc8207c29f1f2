import type { Role } from "../core/access/role.ts";

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
  /** Whether somebody without an account goes by this name, whose key is given with it: by a token, a certificate, jobs or uploads. */
  isHeld(name: string, key: string): Promise<boolean>;
  /** False where there is, or was, one whose name has the same key, or the identity is another's. */
  insert(account: NewAccount): Promise<boolean>;
  /** False where it is not there. */
  change(id: string, change: Pick<Account, "display">): Promise<boolean>;
  /**
   * Sets its password, or, with null, takes it away, and ends its sessions but the one to be kept; returns the ids of those that
   * ended, null where it is not there, is deleted, or has not the password any more whose hash is `was`, where that is given.
   */
  setPassword(
    account: Pick<Account, "id" | "name">,
    password: NewPassword | null,
    options: { keep: string | null; was?: string | null },
  ): Promise<string[] | null>;
  /** Its name is locked with it, and its sessions and tokens are gone. False where it is not there, or was deleted before. */
  delete(account: Pick<Account, "id" | "name">, at: number): Promise<boolean>;
  /** The other way round, but for sessions and tokens; a lock that was there before the deletion stays. False where it is not deleted. */
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
  /** What it is given with that: all of it is stored, or nothing. Ids of the bindings by the names of roles. */
  roles?: ReadonlyMap<string, string>;
}

/** Names under which several accounts are given something. By key: `foldName` of the name. */
export interface GroupStore {
  /** By key. */
  list(): Promise<Group[]>;
  /** False where there is one of this key. */
  insert(group: Group): Promise<boolean>;
  /** With its members and with what was given to it: another of the name has nothing of it. False where it is not there. */
  delete(key: string): Promise<boolean>;
  /** Who is in which, in order. Also in groups that only a provider knows. */
  memberships(): Promise<Membership[]>;
  /** Idempotent. */
  add(membership: Membership): Promise<void>;
  /** False where it is not there. */
  remove(membership: Membership): Promise<boolean>;
  /** What a source says of somebody, all of it: what it said before and does not any more is gone. */
  replace(member: string, source: string, groups: readonly string[]): Promise<void>;
}

export interface Group {
  key: string;
  name: string;
  createdAt: number;
}

export interface Membership {
  /** Its key. */
  group: string;
  /** The name of an account. */
  member: string;
  /** Who says so: `local`, or a provider. */
  source: string;
}

/** Roles beside those that are built in. */
export interface RoleStore {
  /** By name. */
  list(): Promise<StoredRole[]>;
  /** False where there is one of this name. */
  insert(role: StoredRole): Promise<boolean>;
  /** False where it is not there. */
  update(role: Pick<StoredRole, "name" | "rules" | "updatedAt">): Promise<boolean>;
  /** "in-use" where a binding gives it to somebody. */
  delete(name: string): Promise<"deleted" | "in-use" | "missing">;
}

export interface StoredRole extends Role {
  createdAt: number;
  updatedAt: number;
}
