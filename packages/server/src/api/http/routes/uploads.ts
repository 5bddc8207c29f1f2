import { Readable } from "node:stream";
import type { Upload } from "@berth/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { requestInvalid } from "../../../core/input/check.ts";
import type { Context } from "../../../operations/context.ts";
import { deleteUpload } from "../../../operations/uploads/delete-upload.ts";
import { getUpload, offsetOf } from "../../../operations/uploads/find-upload.ts";
import { listUploads } from "../../../operations/uploads/list-uploads.ts";
import { type ReceiveRequest, receiveUpload } from "../../../operations/uploads/receive-upload.ts";
import { addOperation } from "../operation-route.ts";
import { unsupported } from "../errors.ts";
import type { OpenAnswers } from "../streams/open-answers.ts";

/** Contents for jobs. `Upload-Offset`, `Upload-Length` and `Upload-Complete` are the words of IETF's draft for resumable uploads. */
export function addUploads(
  app: FastifyInstance,
  { context, openAnswers }: { context: Context; openAnswers: OpenAnswers },
): void {
  addOperation(app, "createUpload", async ({ caller, query, request, reply }) => {
    const sha256 = query.sha256 ?? null;
    const signal = openAnswers.streamOf(reply.raw, caller);
    const said = { ...lengthsOf(request), source: sourceOf(request), signal };
    return show(reply, await receiveUpload(context, { caller, sha256, offset: null, ...said }));
  });

  addOperation(app, "appendUpload", async ({ caller, params: { sha256 }, request, reply }) => {
    const offset = numberIn(request, "upload-offset");
    if (offset === null)
      throw requestInvalid([{ field: "Upload-Offset", message: "must say where the body goes on" }]);
    const signal = openAnswers.streamOf(reply.raw, caller);
    const said = { ...lengthsOf(request), source: sourceOf(request), signal };
    return show(reply, await receiveUpload(context, { caller, sha256, offset, ...said }));
  });

  addOperation(app, "getUpload", async ({ caller, params: { sha256 }, reply }) => {
    return show(reply, await getUpload(context, { caller, sha256 }));
  });

  addOperation(app, "listUploads", async ({ caller, query }) => {
    const { items, next } = await listUploads(context, { caller, filter: query });
    const offsets = await Promise.all(items.map((upload) => offsetOf(context, upload)));
    return { items: items.map((upload, n) => viewUpload(upload, offsets[n] ?? 0)), next };
  });

  addOperation(app, "deleteUpload", ({ caller, params: { sha256 }, query }) =>
    deleteUpload(context, { caller, sha256, unfinished: query.unfinished }),
  );
}

function sourceOf({ body, headers }: FastifyRequest): Readable {
  const { "content-encoding": encoding } = headers;
  // Kept as it comes it would be another content than the one that its hash names.
  if (encoding !== undefined && encoding !== "identity") throw unsupported(`content encoding "${encoding}"`);
  if (body instanceof Readable) return body;
  if (body === undefined || body === null) return Readable.from([]);
  throw unsupported(`content type "${headers["content-type"] ?? ""}" of an upload`);
}

type StoredUpload = Awaited<ReturnType<typeof getUpload>>["upload"];

/** What the headers say of the lengths of content and body, and whether both end together. */
function lengthsOf(request: FastifyRequest): Pick<ReceiveRequest, "length" | "bodyBytes" | "isLast"> {
  const { "upload-complete": complete = "?1" } = request.headers;
  if (complete !== "?1" && complete !== "?0")
    throw requestInvalid([{ field: "Upload-Complete", message: "must be ?1 or ?0" }]);
  const length = numberIn(request, "upload-length");
  const bodyBytes = numberIn(request, "content-length");
  return { length, bodyBytes, isLast: complete === "?1" };
}

function numberIn({ headers }: FastifyRequest, name: string): number | null {
  const text = headers[name];
  if (text === undefined) return null;
  if (typeof text === "string" && /^\d{1,15}$/.test(text)) return Number(text);
  throw requestInvalid([{ field: name, message: "must be a number of bytes" }]);
}

function show(reply: FastifyReply, { upload, offset }: { upload: StoredUpload; offset: number }): Upload {
  const view = viewUpload(upload, offset);
  void reply.headers({
    "upload-offset": view.offset,
    "upload-complete": view.state === "complete" ? "?1" : "?0",
    ...(view.length !== null && { "upload-length": view.length }),
    "cache-control": "no-store",
  });
  return view;
}

function viewUpload({ name, state, length, owner, ...upload }: StoredUpload, offset: number): Upload {
  const createdAt = new Date(upload.createdAt).toISOString();
  const usedAt = new Date(upload.usedAt).toISOString();
  return { sha256: name, state, offset, length, owner, createdAt, usedAt };
}
