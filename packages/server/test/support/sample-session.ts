import { newId } from "../../src/lib/ids.ts";
import type { Session } from "../../src/store/session-store.ts";

/** A login of ann's that holds for a minute, but for what is said otherwise. */
export function sampleSession(named: Partial<Session> = {}): Session {
  const now = Date.now();
  return {
    id: newId(),
    hash: newId(),
    principal: "ann",
    provider: "local",
    createdAt: now,
    usedAt: now,
    expiresAt: now + 60_000,
    address: null,
    agent: null,
    turn: null,
    ...named,
  };
}
