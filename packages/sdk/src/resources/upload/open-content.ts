/** A content whose first block is there. Whoever opened it closes it. */
export interface OpenContent {
  blocks: AsyncIterable<Uint8Array>;
  close(): void;
}

/**
 * Waits for the first block of a content. A folder that is gone on with reads all that was sent before, which may take
 * minutes: a connection that is opened meanwhile carries nothing, not even headers, and the server cuts it.
 */
export async function openContent(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<OpenContent> {
  signal?.throwIfAborted();
  const source = content[Symbol.asyncIterator]();
  const close = (): void => {
    // It may be in the middle of a block, which nobody waits for.
    source.return?.().catch(() => undefined);
  };
  try {
    const first = await unlessStopped(source.next(), signal);
    return { blocks: blocksOf(first, source), close };
  } catch (error) {
    close();
    throw error;
  }
}

async function unlessStopped<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return await work;
  return await new Promise<Value>((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

async function* blocksOf(
  first: IteratorResult<Uint8Array>,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  for (let next = first; next.done !== true; next = await source.next()) yield next.value;
}
