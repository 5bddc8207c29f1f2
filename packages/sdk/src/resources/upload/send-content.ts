import type { Upload } from "@berth/protocol";
import { isBerthError } from "@berth/protocol/errors";
import { routes } from "@berth/protocol/routes";
import { Backoff, isTransient } from "../../transport/retry.ts";
import type { Rest } from "../../transport/http.ts";
import { unreadable } from "../../transport/translate-error.ts";
import { asUpload } from "../answers.ts";
import { sendStream } from "./send-stream.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import type { UploadSource } from "./upload-source.ts";

/** How a content is sent. */
export interface SendOptions extends SignalOptions {
  /** Told how many bytes were sent, of all (null: nobody knows); of all at once where the server had them already. */
  onProgress?: ((bytes: number, size: number | null) => void) | undefined;
}

/** Sends what the server lacks of a content: nothing, the rest, or all of it; and goes on after a cut. */
export async function sendContent(
  rest: Rest,
  source: UploadSource,
  { signal, onProgress }: SendOptions,
): Promise<Upload> {
  const { size } = source;
  const backoff = new Backoff({
    patienceMs: rest.patience.followMs,
    onFailure: (failure) => rest.connection.failed(failure),
  });
  let reached: number | null = null;
  const note = (offset: number): void => {
    if (reached === null || offset > reached) backoff.progress();
    reached = offset;
  };
  for (;;) {
    try {
      const { state, offset, ...there } = await begin(rest, source, { signal, note });
      onProgress?.(offset, size);
      if (state === "complete") return { state, offset, ...there };
      const sent = await sendFrom(rest, source, {
        from: offset,
        signal,
        onProgress: (bytes) => onProgress?.(offset + bytes, size),
      });
      if (sent.state === "complete") return sent;
      throw unreadable(rest.url, `it holds ${sent.offset} of ${size} bytes, and all of them were sent`);
    } catch (error) {
      signal?.throwIfAborted();
      // One that was never there was waited for already, as for any request.
      if (!canGoOn(error) || (reached === null && isTransient(error))) throw error;
      await backoff.wait(error, signal);
    }
  }
}

/**
 * Deletes what has come of an upload that nobody can finish. The request that brought it may not be over there yet. Somebody
 * else may have sent all of it meanwhile: then it stays.
 */
export async function forgetPart(rest: Rest, sha256: string): Promise<void> {
  const backoff = new Backoff({ patienceMs: rest.patience.requestMs });
  for (;;) {
    try {
      await rest.json({ route: routes.deleteUpload, sha256, query: { unfinished: "true" }, patienceMs: 0 });
      return;
    } catch (error) {
      if (!isBerthError(error) || error.code !== "UPLOAD_BUSY") return;
      // Where it stays, the server removes it in time.
      const isOver = await backoff.wait(error).then(
        () => false,
        () => true,
      );
      if (isOver) return;
    }
  }
}

/**
 * How far it is. Asked without a byte of it, so that a refusal comes before the bytes: one that is not there is begun, one that
 * has come in part is gone on with (or busy still), and one that is there is named once more, so that it is kept for longer.
 */
async function begin(
  rest: Rest,
  { sha256, size }: UploadSource,
  { signal, note }: SignalOptions & { note: (offset: number) => void },
): Promise<Upload> {
  const found = await find(rest, sha256, signal);
  // Also what another request brings, for whose end this one may have to wait.
  if (found !== null) note(found.offset);
  const headers = { "upload-length": String(size), "upload-complete": "?0" };
  const answer =
    found?.state === "receiving"
      ? await rest.json({
          route: routes.appendUpload,
          sha256,
          headers: { ...headers, "upload-offset": String(found.offset) },
          signal,
        })
      : await rest.json({ route: routes.createUpload, query: { sha256 }, headers, signal });
  const begun = asUpload(answer, rest.url);
  note(begun.offset);
  return begun;
}

async function find(rest: Rest, sha256: string, signal?: AbortSignal): Promise<Upload | null> {
  try {
    return asUpload(await rest.json({ route: routes.getUpload, sha256, signal }), rest.url);
  } catch (error) {
    if (isBerthError(error) && error.code === "UPLOAD_NOT_FOUND") return null;
    throw error;
  }
}

async function sendFrom(
  rest: Rest,
  source: UploadSource,
  options: {
    from: number;
    signal: AbortSignal | undefined;
    onProgress: (bytes: number) => void;
  },
): Promise<Upload> {
  const { sha256, size } = source;
  const { from, signal, onProgress } = options;
  const headers = {
    "content-length": String(size - from),
    "upload-length": String(size),
    "upload-offset": String(from),
  };
  const answer = await sendStream(
    rest,
    { route: routes.appendUpload, sha256, headers },
    { content: source.read(from), signal, onProgress },
  );
  return asUpload(answer, rest.url);
}

/** The next look tells where to go on. */
function canGoOn(error: unknown): boolean {
  if (isTransient(error)) return true;
  if (!isBerthError(error)) return false;
  return ["UPLOAD_BUSY", "UPLOAD_OFFSET", "UPLOAD_NOT_FOUND"].includes(error.code);
}
