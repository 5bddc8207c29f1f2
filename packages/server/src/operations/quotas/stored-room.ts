import { BerthError, formatSize } from "@berth/protocol";
import { sentenceName, type Subject } from "../../core/queue/subject.ts";
import type { UploadQuota } from "../../uploads/uploads.ts";
import type { Context } from "../context.ts";

type Parts = Pick<Context, "store" | "groups" | "quotas">;

/** Where one of an owner's quotas of stored bytes stands: the one with least room. */
export interface StoredRoom {
  subject: Subject;
  used: number;
  limit: number;
}

/** null where no quota bounds what this owner stores. Takes no longer the more jobs there were. */
export async function storedRoom(parts: Parts, owner: string): Promise<StoredRoom | null> {
  let least: StoredRoom | null = null;
  for (const { subject, storedBytes: limit } of parts.quotas.applying(owner)) {
    if (limit === null) continue;
    const room = { subject, limit, used: await storedOf(parts, subject) };
    if (least === null || room.limit - room.used < least.limit - least.used) least = room;
  }
  return least;
}

/** What one has stored, or all members of a group have. */
export function storedOf(
  { store, groups }: Pick<Parts, "store" | "groups">,
  subject: Subject,
): Promise<number> {
  return store.quotas.storedBytes(namesOf(groups, subject));
}

export function namesOf(groups: Parts["groups"], { kind, name }: Subject): string[] {
  return kind === "user" ? [name] : [...new Set(groups.membersOf(name).map(({ member }) => member))];
}

/** `what`: "Cannot submit job". `more`: bytes that would come. */
export function storedQuotaExceeded(what: string, { subject, used, limit }: StoredRoom): BerthError {
  const has = `${formatSize(used)} of the ${formatSize(limit)}`;
  const whose = sentenceName(subject);
  return new BerthError(
    "QUOTA_EXCEEDED",
    `${what}: ${whose} stores ${has} that its quota allows, in output, artifacts and uploads`,
    { fix: "Delete jobs that have ended, or uploads, or ask an administrator for more: `berth quota list`" },
  );
}

/** What an owner has left for uploads, where a quota bounds what it stores. */
export function uploadQuota(parts: Parts): (owner: string) => Promise<UploadQuota | null> {
  return async (owner) => {
    const room = await storedRoom(parts, owner);
    if (room === null) return null;
    const left = Math.max(room.limit - room.used, 0);
    return { left, refusal: (what) => storedQuotaExceeded(what, room) };
  };
}
