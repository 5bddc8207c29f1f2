/** One request as it goes onto the wire. */
export interface Outgoing {
  method: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Instead of `body`: sent at the pace at which it is taken. Its failure is the request's; an answer ends it. */
  stream?: AsyncIterable<Uint8Array>;
  /** Ends the request, and the answer's body with it. */
  signal?: AbortSignal;
}

/** Reads an answer's body piece by piece. */
export interface ByteReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  /** Ends the request; a `read` that waits ends too, in order or with an error. Never rejects. */
  cancel(): Promise<void>;
}

/** An answer whose body is still to be read. */
export interface Answer {
  status: number;
  /** The media type, without parameters; empty where there is none. */
  contentType: string;
  /** What `Retry-After` asks for, in milliseconds; null where it is not there or cannot be read. */
  retryAfterMs: number | null;
  /** To be called once at most. null: there is no body. */
  reader(): ByteReader | null;
}

/**
 * What carries requests to the server: `fetch` everywhere, or Node's own HTTP from `@berth/sdk/node`. It follows no
 * redirect. What it rejects with names the failure by a `code`, its own or that of its `cause`.
 */
export type Transport = (url: string, outgoing: Outgoing) => Promise<Answer>;

/** The media type of a `content-type` header. */
export function mediaType(header: string | null | undefined): string {
  return (header ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** The value of a `retry-after` header: seconds, or a date. */
export function retryAfter(header: string | null | undefined, now: number = Date.now()): number | null {
  const text = (header ?? "").trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(date - now, 0);
}
