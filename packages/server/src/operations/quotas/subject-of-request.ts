import { BerthError } from "@berth/protocol";
import { foldName } from "../../core/access/fold-name.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { sentenceName, type Subject } from "../../core/queue/subject.ts";
import type { Context } from "../context.ts";

export interface QuotaRequest {
  caller: Caller;
  kind: Subject["kind"];
  name: string;
}

type Named = Pick<QuotaRequest, "kind" | "name">;

/**
 * Groups are known by their keys, and who has an account by the name of that, however it is written here: jobs are its own
 * under no other, and a quota of another spelling would bound nobody.
 */
export function subjectOf({ accounts }: Pick<Context, "accounts">, { kind, name }: Named): Subject {
  if (kind === "group") return { kind, name: foldName(name) };
  return { kind, name: accounts.find(name)?.name ?? name };
}

/** The same, or what has a quota as it is written: one that was set before there was such an account can be seen, and taken away. */
export function boundSubjectOf(context: Pick<Context, "accounts" | "quotas">, request: Named): Subject {
  const subject = subjectOf(context, request);
  const written = { kind: request.kind, name: request.name };
  return context.quotas.of(subject) === null && context.quotas.of(written) !== null ? written : subject;
}

export function isOwnSubject({ principal, groups }: Caller, { kind, name }: Subject): boolean {
  return kind === "user" ? name === principal.name : groups.includes(name);
}

export function quotaNotFound(subject: Subject): BerthError {
  return new BerthError("QUOTA_NOT_FOUND", `Cannot find a quota of ${sentenceName(subject)}`);
}
