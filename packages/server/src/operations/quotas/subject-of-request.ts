import { BerthError } from "@berth/protocol";
import { foldName } from "../../core/access/fold-name.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { sentenceName, type Subject } from "../../core/queue/subject.ts";

export interface QuotaRequest {
  caller: Caller;
  kind: Subject["kind"];
  name: string;
}

/** Groups are known by their keys. */
export function subjectOf({ kind, name }: Pick<QuotaRequest, "kind" | "name">): Subject {
  return { kind, name: kind === "group" ? foldName(name) : name };
}

export function isOwnSubject({ principal, groups }: Caller, { kind, name }: Subject): boolean {
  return kind === "user" ? name === principal.name : groups.includes(name);
}

export function quotaNotFound(subject: Subject): BerthError {
  return new BerthError("QUOTA_NOT_FOUND", `Cannot find a quota of ${sentenceName(subject)}`);
}
