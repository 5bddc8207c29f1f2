import { type Answer, type ByteReader, mediaType, retryAfter, type Transport } from "./transport.ts";

/** Carries requests by `fetch`, the browser's, Node's or one that was given. */
export function fetchTransport(send: typeof fetch): Transport {
  return async (url, outgoing) => answerOf(await send(url, { ...outgoing, redirect: "manual" }));
}

/** The answer of a `fetch`. */
export function answerOf(response: Response): Answer {
  const redirected = response.type === "opaqueredirect";
  return {
    // A browser tells of a redirect that was not followed, but not which.
    status: redirected ? 302 : response.status,
    contentType: mediaType(response.headers.get("content-type")),
    retryAfterMs: retryAfter(response.headers.get("retry-after")),
    reader: () => readerOf(response.body as ReadableStream<Uint8Array> | null),
  };
}

function readerOf(body: ReadableStream<Uint8Array> | null): ByteReader | null {
  const reader = body?.getReader();
  if (reader === undefined) return null;
  return {
    read: () => reader.read(),
    // A stream that failed refuses to be canceled, and there is nothing left to end.
    cancel: () => reader.cancel().catch(() => undefined),
  };
}
