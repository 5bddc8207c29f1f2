import type { Readable } from "node:stream";
import { BerthError, isBerthError, largestUpload, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { requestInvalid } from "../../core/input/check.ts";
import { newId } from "../../lib/ids.ts";
import type { StoredUpload } from "../../store/store.ts";
import type { UploadPart } from "../../uploads/upload-files.ts";
import { noRoom } from "../../uploads/uploads.ts";
import type { Context } from "../context.ts";
import { uploadNotFound } from "./find-upload.ts";
import { keeping } from "./keeping.ts";
import { takeIn } from "./take-in.ts";

export interface ReceiveRequest {
  caller: Caller;
  /** What the content will hash to; null where that is to be found out. */
  sha256: string | null;
  /** Where the upload goes on; null begins it. */
  offset: number | null;
  /** Bytes that it will have in all, as the client says; null where it does not. */
  length: number | null;
  /** Bytes of the source; null where nobody knows before its end. */
  bodyBytes: number | null;
  /** Whether the end of the source is the end of the content, where no length says it. */
  isLast: boolean;
  source: Readable;
  signal: AbortSignal;
}

type Received = { upload: StoredUpload; offset: number };

/** Set aside at a time for an upload that does not say its length. */
const STEP_BYTES = 64 * 2 ** 20;

/**
 * Takes an upload in, as far as its source goes. What has come stays where its hash was said, so that it can be gone on
 * with; else it is removed when the source is cut. Throws FORBIDDEN, REQUEST_INVALID, UPLOAD_NOT_FOUND, UPLOAD_BUSY,
 * UPLOAD_OFFSET, UPLOAD_MISMATCH, UPLOAD_TOO_LARGE, TOO_MANY_OPEN, STORAGE_FAILED.
 */
export async function receiveUpload(context: Context, request: ReceiveRequest): Promise<Received> {
  const { uploads } = context;
  const { caller, sha256 } = request;
  await context.access.demand(caller, operations.createUpload.permission);
  if (sha256 === null) demandWhole(request);
  const key = { owner: caller.principal.name, name: sha256 ?? newId() };
  using _ = uploads.takeToReceive(key);
  const found = sha256 === null ? null : await uploads.store.get(key.owner, sha256);
  if (found?.state === "complete" && (await keeping(uploads.files.holds(found.name))))
    return await whole(context, found, request);
  await demandOffset(context, request, found, key);
  const length = lengthOf(request, found);
  if (context.diskReserve.isSpent()) throw noRoom("Cannot take an upload");
  const upload = await keeping(begun(context, { found, key, length, isNew: request.offset === null }));
  try {
    await using part = await keeping(uploads.files.openPart(partOf(upload)));
    return await fill(context, request, { upload, part });
  } catch (error) {
    await keeping(clearUp(context, request, { found, upload, error }));
    throw error;
  }
}

/** Nobody can go on with what has no name. */
function demandWhole({ isLast, length, bodyBytes }: ReceiveRequest): void {
  const message = "leaves something to come, for which the upload needs its name: ?sha256=";
  if (!isLast) throw requestInvalid([{ field: "Upload-Complete", message: `?0 ${message}` }]);
  if (length !== null && bodyBytes !== null && length > bodyBytes)
    throw requestInvalid([{ field: "Upload-Length", message }]);
}

/** What stays of an upload when a request for it has failed. */
async function clearUp(
  { uploads }: Context,
  { sha256, offset, length }: ReceiveRequest,
  { found, upload, error }: { found: StoredUpload | null; upload: StoredUpload; error: unknown },
): Promise<void> {
  const isMismatch = isBerthError(error) && error.code === "UPLOAD_MISMATCH";
  // From its last byte on it is kept as long as one that was begun just now.
  if (sha256 !== null && !isMismatch) return void (await uploads.touch(upload));
  const said = length ?? found?.length ?? null;
  const isUseless = error instanceof WrongContent && error.bytes === said;
  // Without a name nobody can come back for it; what is not what was said is of no use to anybody.
  if (sha256 === null || offset === null || isUseless) return void (await uploads.removeTaken(upload));
  // It may be this request alone that was wrong, as one that does not say that more will come.
  await uploads.files.cutPart(partOf(upload), offset);
  const before = found?.length ?? null;
  const bytes = before ?? offset;
  await uploads.setAside(upload, { atLeast: bytes, atMost: bytes, length: before });
}

/** Nothing more has to come: whoever sends it again is told that it is there, and keeps it for longer. */
async function whole(
  { uploads }: Context,
  found: StoredUpload,
  { offset }: ReceiveRequest,
): Promise<Received> {
  if (offset !== null && offset !== found.bytes) throw wrongOffset(found, found.bytes, offset);
  const usedAt = await uploads.touch(found);
  return { upload: { ...found, usedAt }, offset: found.bytes };
}

/** Where a request goes on with an upload, that has to be there up to this very byte. */
async function demandOffset(
  { uploads }: Context,
  { offset }: ReceiveRequest,
  found: StoredUpload | null,
  { name }: { name: string },
): Promise<void> {
  if (offset === null) return;
  if (found === null || found.part === null) throw uploadNotFound(name);
  const size = await keeping(uploads.files.sizeOf(found.part));
  if (size !== offset) throw wrongOffset(found, size, offset);
}

/** What was said first holds; a body without a length of its own that is the last one says it too. */
function lengthOf(
  { offset, length, bodyBytes, isLast }: ReceiveRequest,
  found: StoredUpload | null,
): number | null {
  const field = "Upload-Length";
  const from = offset ?? 0;
  if (length !== null && length < from + (bodyBytes ?? 0))
    throw requestInvalid([
      { field, message: `is less than what is there with this body: ${from + (bodyBytes ?? 0)}` },
    ]);
  const before = offset === null ? null : (found?.length ?? null);
  if (length !== null && before !== null && length !== before)
    throw requestInvalid([{ field, message: `was ${before} when this upload began` }]);
  return length ?? before ?? (isLast && bodyBytes !== null ? from + bodyBytes : null);
}

/** The row comes before any byte. */
async function begun(
  { uploads, now }: Context,
  {
    found,
    key,
    length,
    isNew,
  }: {
    found: StoredUpload | null;
    key: { owner: string; name: string };
    length: number | null;
    isNew: boolean;
  },
): Promise<StoredUpload> {
  if (found?.state === "receiving") {
    if (isNew) await uploads.files.removePart(partOf(found));
    const bytes = length ?? (isNew ? 0 : found.bytes);
    return uploads.setAside(found, { atLeast: bytes, atMost: bytes, length });
  }
  const at = now();
  const upload = {
    ...key,
    state: "receiving",
    bytes: length ?? 0,
    length,
    part: newId(),
    createdAt: at,
    usedAt: at,
  } as const;
  await (found === null ? uploads.begin(upload) : uploads.restart(found, upload));
  return upload;
}

async function fill(
  { uploads, store, audit }: Context,
  { caller, sha256, isLast, source, signal }: ReceiveRequest,
  { upload, part }: { upload: StoredUpload; part: UploadPart },
): Promise<Received> {
  let noted = upload;
  await takeIn(source, {
    part,
    signal,
    async beforeGrowth(bytes) {
      // Others write meanwhile, and much of what was set aside may still be to come.
      if (!(await keeping(uploads.files.hasRoom(bytes - part.size))))
        throw noRoom(`Cannot go on with upload "${upload.name}"`);
      if (noted.length !== null && bytes > noted.length)
        throw mismatch(upload, `it is longer than the ${noted.length} bytes that were said`);
      if (bytes > noted.bytes)
        noted = await uploads.setAside(noted, {
          atLeast: bytes,
          atMost: Math.min(bytes + STEP_BYTES, largestUpload),
          length: null,
        });
    },
  });
  const { size } = part;
  const isWhole = noted.length === null ? isLast : size === noted.length;
  if (!isWhole) {
    if (sha256 === null)
      throw mismatch(upload, `it ended after ${size} of the ${noted.length} bytes that were said`);
    await uploads.touch(upload);
    return { upload: noted, offset: size };
  }
  const found = await keeping(part.finish());
  if (sha256 !== null && found !== sha256) throw new WrongContent(upload, { found, bytes: size });
  const audited = { ...operations.createUpload.permission, name: found, about: { bytes: size } };
  const recorded = store.audited(audit.entry(caller, audited)).uploads;
  await keeping(uploads.publish(part, upload, { sha256: found, store: recorded }));
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

/** All of it is there, and it is something else. */
class WrongContent extends BerthError {
  readonly bytes: number;

  constructor({ name }: StoredUpload, { found, bytes }: { found: string; bytes: number }) {
    super("UPLOAD_MISMATCH", `Cannot take upload "${name}": its ${bytes} bytes hash to ${found}`);
    this.bytes = bytes;
  }
}

function partOf({ name, part }: StoredUpload): string {
  if (part === null) throw new Error(`Cannot write upload "${name}": it is complete`);
  return part;
}
