import { formatDuration } from "@berth/protocol/units";
import type { Output } from "../output.ts";

const EVERY_MS = 1000;

/**
 * Until it is disposed of, one line of a terminal says what goes on and for how long by now, as in `Checking 500 definitions, 12s`;
 * nothing where there is no terminal, and nothing of what takes less than a second.
 */
export function waitingLine(err: Output, what: string): Disposable {
  if (!err.isTerminal) return { [Symbol.dispose]: () => undefined };
  let seconds = 0;
  const write = (text: string): void => {
    // Along with what goes on: nobody waits until it is read.
    if (!err.broken.aborted) err.write(`\r\u{1b}[K${text}`).catch(() => undefined);
  };
  const timer = setInterval(() => {
    seconds += 1;
    write(`${what}, ${formatDuration(seconds * 1000)}`.slice(0, (err.columns ?? 80) - 1));
  }, EVERY_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      if (seconds > 0) write("");
    },
  };
}
