import type { Caller } from "../../core/caller/caller.ts";

/** As it is kept of what somebody makes: by which credential. */
export function makerOf({ credential: { kind, id } }: Caller): string {
  return `${kind} ${id}`;
}
