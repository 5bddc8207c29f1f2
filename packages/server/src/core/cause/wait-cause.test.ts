import { expect, it } from "vitest";
import { waitCause } from "./wait-cause.ts";

const evidence = (ahead: number) => ({ ahead, busySlots: 2, totalSlots: 2 });

it.each([
  [0, "waiting_for_slot", "First in the queue; 2 of 2 slots are busy"],
  [1, "waiting_for_turn", "1 job is ahead in the queue; 2 of 2 slots are busy"],
  [2, "waiting_for_turn", "2 jobs are ahead in the queue; 2 of 2 slots are busy"],
])("says for what a job with %i before it waits", (before, code, message) => {
  expect(waitCause({ before, busy: 2, total: 2 })).toEqual({ code, message, evidence: evidence(before) });
});
