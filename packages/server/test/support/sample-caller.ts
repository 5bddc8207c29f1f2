import type { Caller } from "../../src/core/caller/caller.ts";

/** A caller over REST, but for what is said otherwise. */
export function sampleCaller(named: Partial<Caller> = {}): Caller {
  return {
    principal: { name: "ann", roles: ["developer"] },
    groups: [],
    door: "rest",
    credential: { kind: "token", id: "t1" },
    address: "127.0.0.1",
    requestId: "r1",
    ...named,
  };
}
