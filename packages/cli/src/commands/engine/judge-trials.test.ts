import type { Contact } from "@berth/sdk";
import { expect, it } from "vitest";
import { judgeTrials, type Trial } from "./judge-trials.ts";

const trial: Trial = { protocol: "tcp", address: "10.0.0.5", port: 80, why: "private", expected: "refused" };
const contact = (outcome: Contact["outcome"], change: Partial<Contact> = {}): Contact => ({
  name: null,
  address: "10.0.0.5",
  protocol: "tcp",
  port: 80,
  outcome,
  packets: 1,
  bytesOut: null,
  bytesIn: null,
  firstAt: "2026-01-01T00:00:00.000Z",
  lastAt: "2026-01-01T00:00:00.000Z",
  ...change,
});

it.each([
  ["ENETUNREACH", [], true],
  ["ECONNREFUSED", [], false],
  ["silence", [], false],
  // It was let through all the same.
  ["ENETUNREACH", [contact("reached", { protocol: "udp" })], false],
])(
  "judges a datagram that nobody answered, where TCP says %j and %j was noted: %s",
  (said, contacts, passes) => {
    const udp: Trial = { ...trial, protocol: "udp" };
    const found = new Map([
      ["udp,10.0.0.5,80", "silence"],
      ["tcp,10.0.0.5,80", said],
    ]);
    expect(judgeTrials([udp], { found, contacts })).toMatchObject([{ passes }]);
  },
);

it.each<[said: string, contacts: Contact[], expected: Trial["expected"], seen: string, passes: boolean]>([
  ["ECONNREFUSED", [contact("refused")], "refused", "refused", true],
  ["silence", [contact("refused")], "refused", "refused", true],
  ["ENETUNREACH", [], "refused", "ENETUNREACH", true],
  // Whoever is there may have refused it, or been silent.
  ["ECONNREFUSED", [], "refused", "ECONNREFUSED", false],
  ["silence", [], "refused", "silence", false],
  ["nothing", [], "refused", "nothing", false],
  ["silence", [contact("refused", { port: 81 })], "refused", "silence", false],
  ["silence", [contact("refused", { protocol: "udp" })], "refused", "silence", false],
  ["open", [contact("refused")], "refused", "reached", false],
  ["ECONNREFUSED", [contact("refused"), contact("reached")], "refused", "reached", false],
  ["open", [], "reached", "open", true],
  ["silence", [], "reached", "silence", false],
])("judges %j with %j, where it must be %s, as %s", (said, contacts, expected, seen, passes) => {
  const found = new Map(said === "nothing" ? [] : [["tcp,10.0.0.5,80", said]]);
  expect(judgeTrials([{ ...trial, expected }], { found, contacts })).toMatchObject([{ seen, passes }]);
});
