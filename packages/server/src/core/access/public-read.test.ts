import { resources, verbs } from "@berth/protocol";
import { expect, it } from "vitest";
import { isPublic, stranger } from "./public-read.ts";

it("what there is to use may be seen by anybody, and nothing else", () => {
  const all = resources.flatMap((resource) => verbs.map((verb) => ({ resource, verb })));
  const open = all.filter((permission) => isPublic(permission));
  expect(open.map(({ resource, verb }) => `${verb} ${resource}`).toSorted()).toEqual([
    "list engines",
    "list networks",
    "read engines",
    "read networks",
  ]);
});

it("a stranger has a name that is nobody's, no group, and the scope of what is public", () => {
  const arrival = { door: "rest", address: "192.0.2.1", requestId: "r1" } as const;
  expect(stranger(arrival)).toEqual({
    ...arrival,
    principal: { name: "anonymous", roles: ["viewer"] },
    groups: [],
    credential: { kind: "none", id: "" },
    scope: ["engines", "networks"].map((resource) => ({ resource, names: ["*"], verbs: ["read", "list"] })),
  });
});
