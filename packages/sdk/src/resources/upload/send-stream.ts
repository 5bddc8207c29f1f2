import type { JsonCall, Rest } from "../../transport/http.ts";
import { linkSignal } from "../../transport/link-signal.ts";
import { openContent } from "./open-content.ts";
import { unreachable } from "../../transport/translate-error.ts";

export interface SendStreamOptions {
  content: AsyncIterable<Uint8Array>;
  signal?: AbortSignal | undefined;
  /** Told how many bytes of it the connection has taken. */
  onProgress?: ((bytes: number) => void) | undefined;
}

/** So long a server may take nothing, or think at the end: it has all on its disk before it answers. */
const IDLE_MS = 120_000;
/** However slow the line is, it is ended only when nothing moves. Timers know no more than 24 days. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** Sends one request, once, with a body that comes as a stream. What fails the stream is what fails the request. */
export async function sendStream(
  rest: Rest,
  call: Pick<JsonCall, "route" | "sha256" | "query" | "headers">,
  { content, signal, onProgress }: SendStreamOptions,
): Promise<unknown> {
  const opened = await openContent(content, signal);
  const tired = Object.assign(new Error("nothing was taken in time"), { code: "UND_ERR_BODY_TIMEOUT" });
  const link = linkSignal(signal, { timeoutMs: IDLE_MS, onTimeout: () => unreachable(rest.url, tired) });
  let failure: { error: unknown } | null = null;
  async function* counted(): AsyncGenerator<Uint8Array, void> {
    let bytes = 0;
    try {
      for await (const block of opened.blocks) {
        link.restart();
        yield block;
        bytes += block.length;
        onProgress?.(bytes);
      }
      link.restart();
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  try {
    return await rest.json({
      ...call,
      headers: { "content-type": "application/octet-stream", ...call.headers },
      stream: counted(),
      signal: link.signal,
      timeoutMs: LONGEST_MS,
      patienceMs: 0,
    });
  } catch (error) {
    throw thrownBy(failure) ?? error;
  } finally {
    link.unlink();
    opened.close();
  }
}

function thrownBy(failure: { error: unknown } | null): unknown {
  return failure?.error;
}
