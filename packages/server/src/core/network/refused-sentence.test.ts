import { expect, it } from "vitest";
import type { Contact } from "./contact.ts";
import { refusedSentence } from "./refused-sentence.ts";

function refused(address: string, packets: number, change: Partial<Contact> = {}): Contact {
  const bytes = { bytesOut: null, bytesIn: null };
  const times = { firstAt: 1, lastAt: 2 };
  return {
    name: null,
    address,
    protocol: "tcp",
    port: 5432,
    outcome: "refused",
    packets,
    ...bytes,
    ...times,
    ...change,
  };
}

it.each<[what: string, list: Contact[], count: number, sentence: string | null]>([
  ["nothing", [{ ...refused("10.0.0.5", 3), outcome: "reached" }], 0, null],
  [
    "one attempt",
    [refused("10.0.0.5", 1)],
    1,
    '1 attempt to 10.0.0.5:5432 was refused by the network profile "x"',
  ],
  [
    "a few",
    [refused("10.0.0.5", 1), refused("fd00::1", 3, { protocol: "udp", name: "db.internal" })],
    4,
    '3 attempts to [fd00::1]:5432/udp (db.internal) and 1 attempt to 10.0.0.5:5432 were refused by the network profile "x"',
  ],
  [
    "many",
    [1, 2, 3, 4, 5].map((n) => refused(`10.0.0.${n}`, n)),
    100,
    '5 attempts to 10.0.0.5:5432, 4 attempts to 10.0.0.4:5432, 3 attempts to 10.0.0.3:5432 and 88 more were refused by the network profile "x"',
  ],
  [
    "names",
    [
      { ...refused("10.0.0.5", 1, { name: "db.example.org" }), port: null, protocol: null },
      { ...refused("", 2, { name: "tracker.org" }), address: null, port: null, protocol: null },
    ],
    3,
    '2 look-ups of tracker.org and 1 look-up of db.example.org (which leads to 10.0.0.5) were refused by the network profile "x"',
  ],
  ["what nobody has noted", [], 2, '2 attempts to reach something were refused by the network profile "x"'],
])("says of %s what was refused", (_, list, count, sentence) => {
  expect(refusedSentence({ list, refused: count }, "x")).toBe(sentence);
});
