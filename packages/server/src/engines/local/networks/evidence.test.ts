import { expect, it } from "vitest";
import { contactsOf, KEPT_MS } from "./evidence.ts";

const now = 1_800_000_000_000;
/** As the helper shows an element that has so long to go, with the address in hexadecimal digits. */
const shown = (
  set: string,
  { link = "b7-1", packets = 1, bytes = 60, age = 0, at = "0a000005 6 5432" } = {},
): string => `${set} ${link} ${packets} ${bytes} ${KEPT_MS - age} ${at}`;

it("tells of each destination what went out and came in, and when that began and was last", () => {
  const v6 = "2a000002000000000000000000000001 17 53";
  const lines = [
    shown("got4", { packets: 9, bytes: 5000, age: 1000 }),
    shown("sent4", { packets: 7, bytes: 700, age: 8000 }),
    shown("sent6", { packets: 2, bytes: 100, age: 3000, at: v6 }),
  ];
  expect(contactsOf(lines, now).get("b7-1")).toEqual([
    {
      name: null,
      address: "10.0.0.5",
      protocol: "tcp",
      port: 5432,
      outcome: "reached",
      packets: 7,
      bytesOut: 700,
      bytesIn: 5000,
      firstAt: now - 8000,
      lastAt: now - 1000,
    },
    {
      name: null,
      address: "2a00:2::1",
      protocol: "udp",
      port: 53,
      outcome: "reached",
      packets: 2,
      bytesOut: 100,
      bytesIn: 0,
      firstAt: now - 3000,
      lastAt: now - 3000,
    },
  ]);
});

it("tells of what was refused how often, apart from what was reached, and of each link its own", () => {
  const lines = [
    shown("refused4", { packets: 3, age: 5000 }),
    shown("again4", { packets: 3, age: 2000 }),
    shown("sent4", { age: 9000 }),
    shown("refused4", { link: "b7-2", age: 1 }),
  ];
  const found = contactsOf(lines, now);
  expect(
    found
      .get("b7-1")
      ?.map(({ outcome, packets, firstAt, lastAt }) => [outcome, packets, now - firstAt, now - lastAt]),
  ).toEqual([
    ["reached", 1, 9000, 9000],
    ["refused", 3, 5000, 2000],
  ]);
  expect(found.get("b7-2")).toHaveLength(1);
  expect(found.size).toBe(2);
});

it("says nothing of what began before it was looked, and of protocols without ports", () => {
  expect(contactsOf([shown("got4"), shown("again6"), shown("sent4", { at: "0a000005 1 0" })], now).size).toBe(
    0,
  );
});
