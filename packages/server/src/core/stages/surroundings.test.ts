import { ofEveryLimit, type Capabilities } from "@berth/protocol";
import { expect, it } from "vitest";
import { impossibleFor, plainSurroundings, surroundingsOf } from "./surroundings.ts";

const able: Capabilities = {
  splitStreams: true,
  ...ofEveryLimit(true),
  roots: ["host-toolchain"],
  mounts: true,
  networkProfiles: ["none", "internet"],
};

it("gives a plain command the host's programs and no network", () => {
  expect(surroundingsOf({})).toEqual(plainSurroundings);
  expect(impossibleFor(plainSurroundings, able)).toEqual([]);
});

it("says all that an engine cannot make, and what it can", () => {
  const asked = { ...plainSurroundings, mounts: [{ at: "/data", source: "/srv/data" }], network: "office" };
  expect(impossibleFor(asked, able)).toEqual([
    { field: "network", reason: 'has no network profile "office", only "none", "internet"' },
  ]);
  expect(impossibleFor(asked, { ...able, roots: [], mounts: false, networkProfiles: [] })).toEqual([
    { field: "root", reason: 'has no root of kind "host-toolchain", only none at all' },
    { field: "mounts", reason: "mounts nothing of the server's" },
    { field: "network", reason: 'has no network profile "office", only none at all' },
  ]);
});
