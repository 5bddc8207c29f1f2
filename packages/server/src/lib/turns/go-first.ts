import { getPriority, setPriority } from "node:os";

/** Nice value of a thread for which others wait. */
const FIRST = -10;

/** What this thread had before it went first; null while it does not. Each thread has a module of its own. */
let before: number | null = null;

/**
 * From now on the calling thread gets a processor before whatever else wants one: every job waits for it at each of its
 * steps, and it never has much to do. Does nothing where that is not allowed (only root may), or the host is no Linux:
 * elsewhere it would be the whole process that goes first.
 */
export function goFirst(): void {
  if (process.platform !== "linux" || before !== null) return;
  const was = getPriority();
  if (was <= FIRST) return;
  try {
    setPriority(FIRST);
    before = was;
  } catch {
    // It takes its turn.
  }
}

/**
 * Makes a thread or starts a program, at once: either begins with the priority of the thread that makes it, and is to have
 * the one that this thread had at first. What a user chose the size of never goes first.
 */
export function ordinarily<T>(make: () => T): T {
  if (before === null) return make();
  setPriority(before);
  try {
    return make();
  } finally {
    setPriority(FIRST);
  }
}
