import { BerthError } from "@berth/protocol";

/** Whoever asks is nobody yet: why nobody can say who it is, and what servers there are, is for the log alone. */
export function unavailable(what: string, why: string): BerthError {
  return new BerthError("IDENTITY_UNAVAILABLE", what, { cause: new Error(why) });
}
