import { expect, it } from "vitest";
import { networkSpec } from "./profile.ts";

it.each(["1/s", "10MiB/s", "1.5G/s", "10GiB/s", "10737418240/s"])(
  "a profile can have the rate %s",
  (rate) => {
    expect(networkSpec.parse({ rate })).toEqual({ rate });
  },
);

it.each(["10MiB", "0/s", "-1/s", "10737418241/s", "20GiB/s", "8E/s", "1000000000000000000000/s"])(
  "a profile cannot have the rate %s, which no host could hold a job to",
  (rate) => {
    const { error } = networkSpec.safeParse({ rate });
    expect(error?.issues.map(({ message, path }) => [path, message])).toEqual([
      [["rate"], "must be a rate like 10MiB/s, at most 10GiB/s"],
    ]);
  },
);

it.each([53, 5399])("a profile cannot name port %i of the host, where jobs are told names", (port) => {
  const { error } = networkSpec.safeParse({ host: [8080, port] });
  expect(error?.issues.map(({ message, path }) => [path, message])).toEqual([
    [["host"], "must not name 53 or 5399: there jobs are told names"],
  ]);
});
