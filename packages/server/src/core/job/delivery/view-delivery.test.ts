import { expect, it } from "vitest";
import { laneOf } from "./delivery.ts";
import { viewDelivery } from "./view-delivery.ts";

const url = "https://hooks.example/token-in-the-path?and=here";
const delivery = {
  id: "d1",
  jobId: "j1",
  lane: laneOf({ owner: "ann", url }),
  url,
  secret: "signing",
  createdAt: 0,
  state: "pending",
  nextAt: 5000,
  attempts: 1,
  tries: 1,
  doneAt: null,
} as const;
const attempt = { n: 1, at: 1000, endedAt: 1250, address: "192.0.2.1", status: 503, why: "503" };

it("shows where it goes by its host alone, and nothing of its secret", () => {
  const shown = viewDelivery(delivery, [attempt]);
  expect(shown).toEqual({
    id: "d1",
    receiver: "https://hooks.example",
    state: "pending",
    createdAt: "1970-01-01T00:00:00.000Z",
    nextAt: "1970-01-01T00:00:05.000Z",
    doneAt: null,
    attempts: [
      { n: 1, at: "1970-01-01T00:00:01.000Z", ms: 250, address: "192.0.2.1", status: 503, why: "503" },
    ],
  });
});

it("shows how long an attempt took, which is not known while it is under way, and never less than nothing", () => {
  const { attempts } = viewDelivery(delivery, [
    { ...attempt, endedAt: null },
    { ...attempt, endedAt: 900 },
  ]);
  expect(attempts.map(({ ms }) => ms)).toEqual([null, 0]);
  expect(viewDelivery({ ...delivery, nextAt: null, doneAt: 0 }, [])).toMatchObject({
    nextAt: null,
    doneAt: "1970-01-01T00:00:00.000Z",
    attempts: [],
  });
});
