import { expect, it } from "vitest";
import type { Shortage } from "../queue/running-use.ts";
import { taskWaitCause, waitCause } from "./wait-cause.ts";

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

const ann = { kind: "user", name: "ann" } as const;
const lab = { kind: "group", name: "lab" } as const;
const GiB = 2 ** 30;

it.each<[Shortage, string, object]>([
  [
    { subject: ann, what: "jobs", used: 2, asked: null, limit: 2 },
    "Its owner runs 2 of 2 jobs that it may run at once",
    { quota: "jobs", used: 2, limit: 2 },
  ],
  [
    { subject: lab, what: "cpu", used: 3500, asked: 1000, limit: 4000 },
    'Group "lab" uses 3.5 of 4 cores that it may use at once, and the next job needs 1',
    { quota: "cpu", used: 3.5, limit: 4, asked: 1, group: "lab" },
  ],
  [
    { subject: ann, what: "memory", used: GiB, asked: null, limit: GiB },
    "Its owner uses 1 GiB of 1 GiB memory that it may use at once",
    { quota: "memory", used: GiB, limit: GiB },
  ],
  [
    { subject: ann, what: "memory", used: GiB, asked: GiB, limit: GiB },
    "Its owner uses 1 GiB of 1 GiB memory that it may use at once, and the next job needs 1 GiB",
    { quota: "memory", used: GiB, limit: GiB, asked: GiB },
  ],
  [
    { subject: ann, what: "cpu", used: 0, asked: 2000, limit: 1500 },
    "Its owner may use 1.5 cores at once, and this job alone needs 2: others pass it until that is raised",
    { quota: "cpu", used: 0, limit: 1.5, asked: 2 },
  ],
])("says which quota of whom it waits for: %j", (quota, message, evidence) => {
  expect(waitCause({ ahead: 3, others: 1, busy: 0, total: 2, quota })).toEqual({
    code: "waiting_for_quota",
    message: `${message}; 3 of its own ahead`,
    evidence: { ...evidence, ahead: 3 },
  });
});

it.each([
  [1, 0, 'Task "t" allows 1 run at once; it is the next'],
  [2, 1, 'Task "t" allows 2 runs at once; 1 waits before it'],
  [2, 5, 'Task "t" allows 2 runs at once; 5 wait before it'],
])("says of a task that allows %i at once, with %i before it, what it waits for", (most, ahead, message) => {
  expect(taskWaitCause({ task: "t", most, ahead })).toEqual({
    code: "waiting_for_task",
    message,
    evidence: { task: "t", limit: most, ahead },
  });
});
