import { describe, expect, it } from "vitest";
import { cadenceOfStored, readCadence } from "./cron.ts";

const now = Date.parse("2026-01-01T00:00:00Z");

function cadence(cron: string, zone: string) {
  const read = cadenceOfStored({ cron, zone }, now);
  if (read === null) throw new Error(`"${cron}" in ${zone} is no cadence`);
  return read;
}
const times = (instants: readonly number[]) => instants.map((at) => new Date(at).toISOString().slice(0, 16));

/** The table of docs/guides/schedules.md. */
describe("where clocks are changed", () => {
  it.each([
    // Berlin goes from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on 25 October.
    [
      "30 2 * * *",
      "Europe/Berlin",
      "2026-03-28T00:00Z",
      ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"],
    ],
    [
      "30 2 * * *",
      "Europe/Berlin",
      "2026-10-24T00:00Z",
      ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"],
    ],
    // A list of times is due as each of them is alone.
    [
      "30 2,14 * * *",
      "Europe/Berlin",
      "2026-03-28T00:00Z",
      ["2026-03-28T01:30", "2026-03-28T13:30", "2026-03-29T01:00", "2026-03-29T12:30", "2026-03-30T00:30"],
    ],
    [
      "30 2,14 * * *",
      "Europe/Berlin",
      "2026-10-24T00:00Z",
      ["2026-10-24T00:30", "2026-10-24T12:30", "2026-10-25T00:30", "2026-10-25T13:30", "2026-10-26T01:30"],
    ],
    ["0,30 2 28 3 *", "Europe/Berlin", "2027-01-01T00:00Z", ["2027-03-28T01:00", "2028-03-28T00:00"]],
    ["30 2,3 28 3 *", "Europe/Berlin", "2027-01-01T00:00Z", ["2027-03-28T01:00", "2027-03-28T01:30"]],
    ["30 1,13 1 11 *", "America/New_York", "2037-01-01T00:00Z", ["2037-11-01T05:30", "2037-11-01T18:30"]],
    // A range is every hour that there is.
    [
      "30 1-3 * * *",
      "Europe/Berlin",
      "2026-03-29T00:00Z",
      ["2026-03-29T00:30", "2026-03-29T01:30", "2026-03-29T23:30"],
    ],
    [
      "*/30 * * * *",
      "Europe/Berlin",
      "2026-03-29T00:29Z",
      ["2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30"],
    ],
    [
      "*/30 * * * *",
      "Europe/Berlin",
      "2026-10-24T23:59Z",
      ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00"],
    ],
    // Lord Howe goes by half an hour: from 02:00 back to 01:30 on 5 April, and forth on 4 October.
    [
      "0 * * * *",
      "Australia/Lord_Howe",
      "2026-04-04T13:30Z",
      ["2026-04-04T14:00", "2026-04-04T15:30", "2026-04-04T16:30"],
    ],
    [
      "15 2 * * *",
      "Australia/Lord_Howe",
      "2026-10-02T00:00Z",
      ["2026-10-02T15:45", "2026-10-03T15:30", "2026-10-04T15:15"],
    ],
    ["30 2 * * *", "UTC", "2026-03-28T00:00Z", ["2026-03-28T02:30", "2026-03-29T02:30", "2026-03-30T02:30"]],
  ])("%s in %s from %s on is due at %j", (cron, zone, from, due) => {
    expect(times(cadence(cron, zone).nexts(Date.parse(from), due.length))).toEqual(due);
  });

  it("never goes back, and finds backwards what it finds forwards", () => {
    const zones = ["Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "Africa/Casablanca"];
    const crons = [
      "30 2 * * *",
      "0,30 1,2,14 * * *",
      "*/30 * * * *",
      "45 1 * * *",
      "0 0 L * *",
      "*/7 1-3 * * *",
      "0 2 13 * 5",
    ];
    for (const zone of zones) {
      for (const cron of crons) {
        for (const day of ["2026-03-20T00:00Z", "2026-10-20T00:00Z"]) {
          const read = cadence(cron, zone);
          const from = Date.parse(day);
          const forwards = read.nexts(from, 400).filter((at) => at < from + 20 * 24 * 3_600_000);
          expect(forwards).toEqual(forwards.toSorted((one, other) => one - other));
          expect(new Set(forwards).size).toBe(forwards.length);
          const until = forwards.at(-1) ?? from;
          expect([zone, cron, read.lastBetween(from + 1, until, 400)]).toEqual([zone, cron, forwards]);
        }
      }
    }
  });
});

it("has a list due when one of its times alone is", () => {
  for (const zone of ["Europe/Berlin", "Australia/Lord_Howe", "America/New_York"]) {
    for (const day of ["2026-03-05T00:00Z", "2026-03-26T00:00Z", "2026-04-02T00:00Z", "2026-10-01T00:00Z"]) {
      const upTo = Date.parse(day) + 6 * 24 * 3_600_000;
      const dueOf = (cron: string) =>
        cadence(cron, zone)
          .nexts(Date.parse(day), 60)
          .filter((at) => at < upTo);
      const alone = ["0 1", "0 2", "0 14", "45 1", "45 2", "45 14"].flatMap((time) => dueOf(`${time} * * *`));
      const each = [...new Set(alone)].toSorted((one, other) => one - other);
      expect([zone, day, times(dueOf("0,45 1,2,14 * * *"))]).toEqual([zone, day, times(each)]);
    }
  }
});

describe("days", () => {
  it.each([
    // Day of the month and of the week: either of them, as cron has always had it.
    ["0 0 13 * 5", "UTC", ["2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00", "2026-01-16T00:00"]],
    ["0 0 L * *", "UTC", ["2026-01-31T00:00", "2026-02-28T00:00", "2026-03-31T00:00"]],
    ["0 0 * * 7", "UTC", ["2026-01-04T00:00", "2026-01-11T00:00"]],
    ["0 0 * * MON#2", "UTC", ["2026-01-12T00:00", "2026-02-09T00:00"]],
    ["0 0 29 2 *", "UTC", ["2028-02-29T00:00", "2032-02-29T00:00"]],
    ["@hourly", "UTC", ["2026-01-01T01:00", "2026-01-01T02:00"]],
    ["  0   0\t* * *  ", "UTC", ["2026-01-02T00:00", "2026-01-03T00:00"]],
    [" @Daily ", "Asia/Kolkata", ["2026-01-01T18:30", "2026-01-02T18:30"]],
  ])("%s in %s", (cron, zone, due) => {
    expect(times(cadence(cron, zone).nexts(now, due.length))).toEqual(due);
  });
});

describe("instants that are over", () => {
  it("are those between two moments, both included, and the last of them where they are too many", () => {
    const read = cadence("*/10 * * * *", "UTC");
    const at = (text: string) => Date.parse(`2026-05-01T${text}Z`);
    expect(times(read.lastBetween(at("00:10"), at("00:30"), 9))).toEqual([
      "2026-05-01T00:10",
      "2026-05-01T00:20",
      "2026-05-01T00:30",
    ]);
    expect(times(read.lastBetween(at("00:10"), at("00:30"), 2))).toEqual([
      "2026-05-01T00:20",
      "2026-05-01T00:30",
    ]);
    expect(read.lastBetween(at("00:11"), at("00:19"), 9)).toEqual([]);
    // A minute with milliseconds in it is not over before its first one.
    expect(times(read.lastBetween(at("00:00:00.500"), at("00:09:59.999"), 9))).toEqual([]);
  });
});

it.each([
  ["* * * * * *", "UTC", "cron", "five fields"],
  ["0 0 1 1 * 2027", "UTC", "cron", "five fields"],
  ["* * * *", "UTC", "cron", "five fields"],
  ["@reboot", "UTC", "cron", 'five fields like "30 2 * * *", or one of @yearly, @annually, @monthly'],
  ["2026-01-01T00:00:00", "UTC", "cron", "five fields"],
  ["61 * * * *", "UTC", "cron", "minute"],
  ["*/0 * * * *", "UTC", "cron", "stepping"],
  ["5-1 * * * *", "UTC", "cron", "larger"],
  ["x * * * *", "UTC", "cron", "must be a cron expression"],
  ["0 0 31 2 *", "UTC", "cron", "no such day"],
  ["0 0 * * *", "Mars/Olympus", "zone", "time zone"],
  ["0 0 * * *", "", "zone", "time zone"],
  ["0 0 * * *", "+02:00", "zone", "time zone"],
])("refuses %j in %j by its %s, and says why", (cron, zone, field, why) => {
  const read = readCadence({ cron, zone }, now);
  expect(read).toMatchObject({ problem: { field, message: expect.stringContaining(why) as string } });
});

it("says no more of a long one than can be read, and nothing of who has read it", () => {
  const read = readCadence({ cron: `${"x".repeat(10_000)} * * * *`, zone: "UTC" }, now);
  const { message } = "problem" in read ? read.problem : { message: "" };
  expect(message).toMatch(/^must be a cron expression: /);
  expect(message).not.toContain("CronPattern");
  expect(message.length).toBeLessThanOrEqual("must be a cron expression: ".length + 200);
});
