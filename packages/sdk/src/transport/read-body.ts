import { isBerthError } from "@berth/protocol/errors";
import { type ExactNumber, parseJson } from "./exact-numbers.ts";
import { unreachable, unreadable } from "./translate-error.ts";
import type { Answer, ByteReader } from "./transport.ts";

export interface ReadOptions {
  /** Named in errors. */
  url: string;
  signal?: AbortSignal | undefined;
  /** Longest silence while this side waits for bytes, in milliseconds; not counted while the caller is busy. */
  silenceMs?: number | undefined;
}

/** The bytes of an answer as they come. Ends the request when the caller stops reading. */
export async function* readBody(
  answer: Pick<Answer, "reader">,
  options: ReadOptions,
): AsyncGenerator<Uint8Array, void> {
  const reader = answer.reader();
  if (reader === null) return;
  try {
    for (;;) {
      const { done, value } = await readOrTire(reader, options);
      if (done || value === undefined) return;
      yield value;
    }
  } catch (error) {
    if (options.signal?.aborted === true) throw options.signal.reason;
    throw isBerthError(error) ? error : unreachable(options.url, error);
  } finally {
    await reader.cancel();
  }
}

async function readOrTire(
  reader: ByteReader,
  { url, silenceMs }: ReadOptions,
): Promise<Awaited<ReturnType<ByteReader["read"]>>> {
  if (silenceMs === undefined) return await reader.read();
  let silent = false;
  const timer = setTimeout(() => {
    silent = true;
    void reader.cancel();
  }, silenceMs);
  try {
    // Some readers end in order when they are canceled, some with an error.
    const result = await reader.read().catch((error: unknown) => {
      if (!silent) throw error;
    });
    if (result !== undefined && !silent) return result;
    throw unreachable(url, Object.assign(new Error("silence"), { code: "UND_ERR_BODY_TIMEOUT" }));
  } finally {
    clearTimeout(timer);
  }
}

/** A JSON answer of at most `maxBytes`. */
export async function readJson(
  answer: Pick<Answer, "reader">,
  options: ReadOptions & { maxBytes: number; exactNumber?: ExactNumber | undefined },
): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of readBody(answer, options)) {
    size += part.length;
    if (size > options.maxBytes) throw unreadable(options.url, `it is longer than ${options.maxBytes} bytes`);
    parts.push(part);
  }
  try {
    return parseJson(new TextDecoder().decode(joined(parts, size)), options.exactNumber);
  } catch {
    throw unreadable(options.url, "it is not JSON");
  }
}

export function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
