import { errorCatalog, isBerthError } from "@berth/protocol/errors";

/** True when the same request may be sent again at once: nobody answered, or the server asks to come back. */
export function isTransient(error: unknown): boolean {
  if (!isBerthError(error)) return false;
  const status: number = errorCatalog[error.code].status;
  return error.code === "SERVER_UNREACHABLE" || status === 503 || status === 429;
}

export interface BackoffOptions {
  /** How long failures may go on without any progress, in milliseconds. */
  patienceMs: number;
  /** Delay before the second try in a row, which each further one doubles. Default 100 ms. */
  firstMs?: number;
  /** Longest delay. Default 5 s. */
  longestMs?: number;
  /** Told of a failure that is waited out; one that is tried again at once is no news. */
  onFailure?: ((failure: unknown) => void) | undefined;
}

/**
 * Exponential back-off with jitter. The first try after progress comes at once, so that a connection that is cut
 * again and again but brings something every time costs no waiting.
 */
export class Backoff {
  readonly #options: Required<Omit<BackoffOptions, "onFailure">> & Pick<BackoffOptions, "onFailure">;
  #tries = 0;
  #failingSince: number | null = null;

  constructor(options: BackoffOptions) {
    this.#options = { firstMs: 100, longestMs: 5_000, ...options };
  }

  progress(): void {
    this.#tries = 0;
    this.#failingSince = null;
  }

  /** Waits before the next try; throws `failure` when the patience is used up. */
  async wait(failure: unknown, signal?: AbortSignal): Promise<void> {
    const { firstMs, longestMs, patienceMs } = this.#options;
    const now = performance.now();
    this.#failingSince ??= now;
    const longest = this.#tries === 0 ? 0 : Math.min(firstMs * 2 ** (this.#tries - 1), longestMs);
    // A server that says when to come back knows better, and is not pressed before.
    const asked = isBerthError(failure) ? (failure.retryAfterMs ?? 0) : 0;
    const delay = Math.max(longest * (0.5 + Math.random() / 2), asked);
    this.#tries += 1;
    if (now + delay - this.#failingSince >= patienceMs) throw failure;
    if (delay > 0) this.#options.onFailure?.(failure);
    await pause(delay, signal);
  }
}

/** The server does not answer any more while something is followed or asked again; or it answers again. */
export type ConnectionChange = { state: "away"; error: Error } | { state: "back" };

/** Tells when a server that has answered stops answering, and when it answers again: each once. */
export class Connection {
  readonly #tell: ((change: ConnectionChange) => void) | undefined;
  #state: "unknown" | "there" | "away" = "unknown";

  constructor(tell: ((change: ConnectionChange) => void) | undefined) {
    this.#tell = tell;
  }

  reached(): void {
    if (this.#state === "away") this.#tell?.({ state: "back" });
    this.#state = "there";
  }

  /** A server that was never there is not away: whoever asks is told so by an error. */
  failed(error: unknown): void {
    if (this.#state !== "there" || !isBerthError(error)) return;
    if (error.code !== "SERVER_UNREACHABLE" && error.code !== "SHUTTING_DOWN") return;
    this.#state = "away";
    this.#tell?.({ state: "away", error });
  }
}

/** Tries again while the failure is transient and the patience lasts. */
export async function retrying<T>(
  attempt: () => Promise<T>,
  options: BackoffOptions & { signal?: AbortSignal | undefined },
): Promise<T> {
  const backoff = new Backoff(options);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error)) throw error;
      await backoff.wait(error, options.signal);
    }
  }
}

/** Resolves after `ms`; rejects with the signal's reason. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}
