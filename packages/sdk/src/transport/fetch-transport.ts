import { type Answer, type ByteReader, mediaType, retryAfter, type Transport } from "./transport.ts";

/** Carries requests by `fetch`, the browser's, Node's or one that was given. */
export function fetchTransport(send: typeof fetch): Transport {
  return async (url, { stream, ...outgoing }) => {
    const init: RequestInit & { duplex?: "half" } = { ...outgoing, redirect: "manual" };
    if (stream === undefined) return answerOf(await send(url, init));
    return answerOf(await send(url, { ...init, body: bodyOf(stream), duplex: "half" }));
  };
}

function bodyOf(stream: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const blocks = stream[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const next: IteratorResult<Uint8Array, unknown> = await blocks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => void (await blocks.return?.()),
  });
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
