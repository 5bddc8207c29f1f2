/**
 * What tasks bring, in their order, while `ahead` of them are under way. Whoever leaves early waits for those: nothing of
 * them goes on behind its back.
 */
export async function* inOrder<Value>(
  tasks: Iterator<() => Promise<Value>>,
  ahead: number,
): AsyncGenerator<Value, void> {
  const underWay: Promise<Value>[] = [];
  try {
    for (let isOver = false; ; ) {
      while (!isOver && underWay.length < ahead) {
        const next = tasks.next();
        if (next.done === true) isOver = true;
        else underWay.push(begun(next.value));
      }
      const first = underWay.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** Its failure is met where it is awaited, which may be late or never. */
function begun<Value>(task: () => Promise<Value>): Promise<Value> {
  const promise = task();
  promise.catch(() => undefined);
  return promise;
}
