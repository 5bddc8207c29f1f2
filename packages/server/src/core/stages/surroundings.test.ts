import { ofEveryLimit, type Capabilities } from "@berth/protocol";
import { expect, it } from "vitest";
import { closedRules, grantOf, noNetwork } from "../network/profile.ts";
import { impossibleFor, overlayOf, plainSurroundings, surroundingsOf } from "./surroundings.ts";

const able: Capabilities = {
  splitStreams: true,
  ...ofEveryLimit(true),
  roots: ["host-toolchain"],
  mounts: true,
  overlays: true,
  networkProfiles: ["none", "internet", "connections"],
  secrets: true,
  sources: true,
  connect: true,
};

it("gives a plain command the host's programs and no network", () => {
  expect(surroundingsOf(noNetwork)).toEqual(plainSurroundings);
  expect(impossibleFor(plainSurroundings, able)).toEqual([]);
});

it("says all that an engine cannot make, and what it can", () => {
  const rules = { ...closedRules, domains: ["example.org"], connections: 10 };
  const office = grantOf("office", { rules, observe: true });
  const what = 'cannot hold the network profile "office":';
  const read = { kind: "read-only", at: "/data", source: "/srv/data" } as const;
  const asked = { ...plainSurroundings, mounts: [read], network: office };
  expect(impossibleFor(asked, able)).toEqual([
    { field: "network", reason: `${what} no "domains", "observe", only "none", "internet", "connections"` },
  ]);
  expect(impossibleFor(asked, { ...able, roots: [], mounts: false, networkProfiles: [] })).toEqual([
    { field: "root", reason: 'has no root of kind "host-toolchain", only none at all' },
    { field: "mounts", reason: "mounts nothing of the server's" },
    { field: "network", reason: `${what} no "domains", "connections", "observe", only none at all` },
  ]);
});

it("tells a tree that a job changes for itself from what is only read", () => {
  const tree = { kind: "overlay", at: "/work", lower: "/srv/tree" } as const;
  const read = { kind: "read-only", at: "/data", source: "/srv/data" } as const;
  const mounted = { ...plainSurroundings, mounts: [read, tree] };
  expect([overlayOf(mounted.mounts), overlayOf([read]), overlayOf([])]).toEqual([tree, null, null]);
  expect(impossibleFor(mounted, { ...able, overlays: false })).toEqual([
    { field: "mounts", reason: "lays no folder of a job's over one of the server's" },
  ]);
  expect(impossibleFor({ ...mounted, mounts: [tree] }, { ...able, mounts: false })).toEqual([]);
});

it("says of an engine that makes no job without a network that it has no such", () => {
  expect(impossibleFor(plainSurroundings, { ...able, networkProfiles: ["internet"] })).toEqual([
    { field: "network", reason: 'has no "none", only "internet"' },
  ]);
});
