import { linkSignal } from "./link-signal.ts";
import { Backoff, type Connection, isTransient } from "./retry.ts";
import { unreachable } from "./translate-error.ts";

/** A stream that can be asked for again from where it was cut. */
export interface Source<T> {
  /** Named in errors. */
  url: string;
  /** Asks for what has not been read yet; resolves once there is an answer, or a connection that may bring it. */
  open(signal: AbortSignal): Promise<AsyncIterable<T>>;
  /** Asked when an answer ended in order: true when nothing more can come. */
  isOver(): Promise<boolean>;
}

/** Connections that lived this long count as progress, even if they brought nothing. */
const LIVELY_MS = 5_000;

/** Reads a source to its end over as many connections as it takes. */
export async function* follow<T>(
  source: Source<T>,
  options: { patienceMs: number; signal?: AbortSignal | undefined; connection: Connection },
): AsyncGenerator<T, void> {
  const { patienceMs, connection } = options;
  const backoff = new Backoff({ patienceMs, onFailure: (failure) => connection.failed(failure) });
  for (;;) {
    let failure: unknown;
    let openedAt = Number.POSITIVE_INFINITY;
    const link = linkSignal(options.signal);
    try {
      const items = await source.open(link.signal);
      openedAt = performance.now();
      for await (const item of items) {
        backoff.progress();
        yield item;
      }
      if (await source.isOver()) return;
      failure = unreachable(source.url, Object.assign(new Error("ended early"), { code: "ECONNRESET" }));
    } catch (error) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      if (!isTransient(error)) throw error;
      failure = error;
    } finally {
      link.unlink();
    }
    if (performance.now() - openedAt > LIVELY_MS) backoff.progress();
    await backoff.wait(failure, options.signal);
  }
}
