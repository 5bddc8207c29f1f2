import type {
  AuditCut,
  AuditList,
  AuditVerification,
  CollectedLogin,
  DeviceLogin,
  Group,
  GroupList,
  LoggedIn,
  OneTimePassword,
  Quota,
  QuotaList,
  Role,
  SessionList,
  User,
  UserList,
} from "@berth/protocol";
import { unreadable } from "../../transport/translate-error.ts";

/* As `answers.ts` has it for the other nouns: what this package relies on, and no further. */

export function asUser(value: unknown, url: string): User {
  if (isRecord(value) && typeof value["name"] === "string" && typeof value["locked"] === "boolean") {
    return value as unknown as User;
  }
  throw unreadable(url, "it is not a user");
}

export function asUserList(value: unknown, url: string): UserList {
  if (isRecord(value) && Array.isArray(value["items"])) {
    for (const item of value["items"]) asUser(item, url);
    return value as unknown as UserList;
  }
  throw unreadable(url, "it is not a list of users");
}

export function asOneTimePassword(value: unknown, url: string): OneTimePassword {
  if (isRecord(value) && "password" in value) return value as unknown as OneTimePassword;
  throw unreadable(url, "it does not say what the password is");
}

export function asLoggedIn(value: unknown, url: string): LoggedIn {
  if (isRecord(value) && typeof value["token"] === "string" && isRecord(value["session"])) {
    return value as unknown as LoggedIn;
  }
  throw unreadable(url, "it does not say who has logged in");
}

export function asDeviceLogin(value: unknown, url: string): DeviceLogin {
  if (isRecord(value) && typeof value["id"] === "string" && typeof value["verificationUri"] === "string") {
    return value as unknown as DeviceLogin;
  }
  throw unreadable(url, "it does not say where the login goes on");
}

export function asCollectedLogin(value: unknown, url: string): CollectedLogin {
  if (isRecord(value) && "login" in value) return value as unknown as CollectedLogin;
  throw unreadable(url, "it does not say whether the login is decided");
}

export function asSessionList(value: unknown, url: string): SessionList {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as SessionList;
  throw unreadable(url, "it is not a list of sessions");
}

export function asGroup(value: unknown, url: string): Group {
  if (isRecord(value) && typeof value["name"] === "string" && Array.isArray(value["members"])) {
    return value as unknown as Group;
  }
  throw unreadable(url, "it is not a group");
}

export function asGroupList(value: unknown, url: string): GroupList {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as GroupList;
  throw unreadable(url, "it is not a list of groups");
}

export function asRole(value: unknown, url: string): Role {
  if (isRecord(value) && typeof value["name"] === "string" && Array.isArray(value["rules"])) {
    return value as unknown as Role;
  }
  throw unreadable(url, "it is not a role");
}

export function asQuota(value: unknown, url: string): Quota {
  if (isRecord(value) && "user" in value && "jobs" in value && isRecord(value["used"]))
    return value as unknown as Quota;
  throw unreadable(url, "it is not a quota");
}

export function asQuotaList(value: unknown, url: string): QuotaList {
  if (isRecord(value) && Array.isArray(value["items"])) {
    for (const item of value["items"]) asQuota(item, url);
    return value as unknown as QuotaList;
  }
  throw unreadable(url, "it is not a list of quotas");
}

export function asAuditList(value: unknown, url: string): AuditList {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as AuditList;
  throw unreadable(url, "it is not a list of audit records");
}

export function asAuditVerification(value: unknown, url: string): AuditVerification {
  if (isRecord(value) && Array.isArray(value["problems"])) return value as unknown as AuditVerification;
  throw unreadable(url, "it does not say what was verified");
}

export function asAuditCut(value: unknown, url: string): AuditCut {
  if (isRecord(value) && Array.isArray(value["cuts"])) return value as unknown as AuditCut;
  throw unreadable(url, "it does not say what was cut");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
