import { constants } from "node:os";

/** The number of a signal by its name; real-time signals are called `SIGRTMIN+n`. null when there is no such signal. */
export function signalNumber(name: string): number | null {
  const known = Object.entries(constants.signals).find(([each]) => each === name);
  if (known) return known[1];
  const realTime = /^SIGRTMIN\+(\d{1,2})$/.exec(name)?.[1];
  return realTime === undefined ? null : FIRST_REAL_TIME + Number(realTime);
}

/** SIGRTMIN as programs see it: the C library keeps 32 and 33 for itself. */
const FIRST_REAL_TIME = 34;
