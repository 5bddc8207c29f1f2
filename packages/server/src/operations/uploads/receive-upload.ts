import type { Readable } from "node:stream";
import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller.ts";
import { newId } from "../../lib/ids.ts";
import type { StoredUpload } from "../../store/store.ts";
import type { UploadPart } from "../../uploads/upload-files.ts";
import type { Context } from "../context.ts";
import { uploadNotFound } from "./find-upload.ts";
import { takeIn } from "./take-in.ts";

export interface ReceiveRequest {
  caller: Caller;
  /** What the content will hash to; null where that is to be found out. */
  sha256: string | null;
  /** Where the upload goes on; null begins it. */
  offset: number | null;
  /** Bytes that it will have in all; null where nobody says. */
  length: number | null;
  /** Whether the end of the source is the end of the content, where no length says it. */
  isLast: boolean;
  source: Readable;
  signal: AbortSignal;
}

/** Set aside at a time for an upload that does not say its length. */
const STEP_BYTES = 64 * 2 ** 20;

/**
 * Takes an upload in, as far as its source goes. What has come stays where its hash was said, so that it can be gone on
 * with; else it is removed when the source is cut. Throws FORBIDDEN, UPLOAD_NOT_FOUND, UPLOAD_BUSY, UPLOAD_OFFSET,
 * UPLOAD_MISMATCH, UPLOAD_TOO_LARGE, STORAGE_FAILED.
 */
export async function receiveUpload(
  context: Context,
  request: ReceiveRequest,
): Promise<{ upload: StoredUpload; offset: number }> {
  const { uploads } = context;
  const { caller, sha256, offset } = request;
  await context.access.demand(caller, operations.createUpload.permission);
  const owner = caller.principal.name;
  const name = sha256 ?? newId();
  using _ = uploads.take({ owner, name });
  const found = sha256 === null ? null : await uploads.store.get(owner, sha256);
  if (found?.state === "complete") return whole(found, offset);
  if (offset !== null && found === null) throw uploadNotFound(name);
  if (found !== null && offset !== null) {
    const size = await uploads.files.sizeOf(partOf(found));
    if (size !== offset) throw wrongOffset(found, size, offset);
  }
  demandRoom(context);
  const upload = await begun(context, request, { found, key: { owner, name } });
  try {
    await using part = await uploads.files.openPart(partOf(upload));
    return await fill(context, request, { upload, part });
  } catch (error) {
    // Without a name nobody can come back for it; what is not what was said is of no use to anybody.
    const isUseless = error instanceof BerthError && error.code === "UPLOAD_MISMATCH";
    if (sha256 === null || isUseless) await uploads.removeTaken(upload);
    throw error;
  }
}

/** Nothing more has to come: whoever sends it again is told that it is there. */
function whole(found: StoredUpload, offset: number | null): { upload: StoredUpload; offset: number } {
  if (offset !== null && offset !== found.bytes) throw wrongOffset(found, found.bytes, offset);
  return { upload: found, offset: found.bytes };
}

/** As in `submit`: the last room of the disk is for the ends of jobs. */
function demandRoom({ diskReserve }: Context): void {
  if (!diskReserve.isSpent()) return;
  throw new BerthError("STORAGE_FAILED", "Cannot take an upload: the server's data disk is full", {
    fix: "Make room on the server's data disk, then try again",
  });
}

/** The row comes before any byte. */
async function begun(
  { uploads, now }: Context,
  { offset, length }: ReceiveRequest,
  { found, key }: { found: StoredUpload | null; key: { owner: string; name: string } },
): Promise<StoredUpload> {
  const bytes = length ?? found?.length ?? 0;
  if (found !== null) {
    if (offset === null) await uploads.files.removePart(partOf(found));
    return uploads.setAside(found, { bytes: Math.max(bytes, found.bytes), length: length ?? found.length });
  }
  const at = now();
  const upload = {
    ...key,
    state: "receiving",
    bytes,
    length,
    part: newId(),
    createdAt: at,
    usedAt: at,
  } as const;
  await uploads.begin(upload);
  return upload;
}

async function fill(
  { uploads }: Context,
  { sha256, isLast, source, signal }: ReceiveRequest,
  { upload, part }: { upload: StoredUpload; part: UploadPart },
): Promise<{ upload: StoredUpload; offset: number }> {
  let noted = upload;
  await takeIn(source, {
    part,
    signal,
    async beforeGrowth(bytes) {
      if (noted.length !== null && bytes > noted.length)
        throw mismatch(upload, `it is longer than the ${noted.length} bytes that were said`);
      if (bytes > noted.bytes)
        noted = await uploads.setAside(noted, { bytes: bytes + STEP_BYTES, length: null });
    },
  });
  const { size } = part;
  const isWhole = noted.length === null ? isLast : size === noted.length;
  if (!isWhole) return { upload: noted, offset: size };
  const found = await part.finish();
  if (sha256 !== null && found !== sha256) throw mismatch(upload, `its bytes hash to ${found}`);
  await uploads.publish(part, upload, found);
  const complete = await uploads.store.get(upload.owner, found);
  if (complete === null) throw uploadNotFound(found);
  return { upload: complete, offset: size };
}

function wrongOffset({ name }: StoredUpload, size: number, offset: number): BerthError {
  return new BerthError(
    "UPLOAD_OFFSET",
    `Cannot go on with upload "${name}" from byte ${offset}: ${size} bytes of it are here`,
  );
}

function mismatch({ name }: StoredUpload, why: string): BerthError {
  return new BerthError("UPLOAD_MISMATCH", `Cannot take upload "${name}": ${why}`);
}

function partOf({ name, part }: StoredUpload): string {
  if (part === null) throw new Error(`Cannot write upload "${name}": it is complete`);
  return part;
}
