import type { SignalSource } from "./surroundings.ts";

const NAMES = ["SIGINT", "SIGTERM", "SIGHUP"] as const satisfies NodeJS.Signals[];

/** The first request to end asks for patience, the second one does not. */
export interface Interrupts extends Disposable {
  /** Aborted by the first signal; its reason is an Interrupted. */
  readonly first: AbortSignal;
  /** Aborted by the second signal. */
  readonly second: AbortSignal;
}

/** Somebody asked this process to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`Interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** Takes the signals that would end this process, until it is disposed of. */
export function catchInterrupts(source: SignalSource): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    (first.signal.aborted ? second : first).abort(new Interrupted(name));
  };
  for (const name of NAMES) source.on(name, onSignal);
  return {
    first: first.signal,
    second: second.signal,
    [Symbol.dispose]() {
      for (const name of NAMES) source.off(name, onSignal);
    },
  };
}
