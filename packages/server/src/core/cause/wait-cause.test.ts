import { expect, it } from "vitest";
import { waitCause } from "./wait-cause.ts";

it.each([
  [0, 0, "waiting_for_slot", "First in the queue; 2 of 2 slots are busy"],
  [1, 0, "waiting_for_turn", "1 job is ahead in the queue; 2 of 2 slots are busy"],
  [2, 0, "waiting_for_turn", "2 jobs are ahead in the queue; 2 of 2 slots are busy"],
  [
    0,
    1,
    "waiting_for_turn",
    "First among its owner's in the queue; 1 other owner takes turns with it; 2 of 2 slots are busy",
  ],
  [
    2,
    3,
    "waiting_for_turn",
    "2 jobs are ahead among its owner's in the queue; 3 other owners take turns with it; 2 of 2 slots are busy",
  ],
])(
  "says for what a job with %i before it, and %i others beside it, waits",
  (ahead, others, code, message) => {
    const evidence = { ahead, busySlots: 2, totalSlots: 2, ...(others > 0 && { others }) };
    expect(waitCause({ ahead, others, busy: 2, total: 2, quota: null })).toEqual({ code, message, evidence });
  },
);
