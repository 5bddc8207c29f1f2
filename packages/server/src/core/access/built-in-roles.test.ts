import { resources, verbs } from "@berth/protocol";
import { expect, it } from "vitest";
import { builtInRoles } from "./built-in-roles.ts";

/** What every account has by itself. */
const ofOneself = [
  "own access: read update delete",
  "own users: read list",
  "own sessions: list delete",
  "all roles: read list",
  "own bindings: list",
  "own tokens: create read list delete",
  "own quotas: read list",
];
const ownCertificates = "own certificates: create read list delete";
const toAskFor = ["all engines: read list", "all networks: read list"];
const everything = verbs.join(" ");

/** Written down a second time: a right that slips in, or out, is to be seen by whoever reads the change. */
const roles = {
  admin: resources.map((resource) => `all ${resource}: ${everything}`),
  operator: [
    ...["jobs", "runners", "tasks", "schedules", "webhooks", "uploads"].map(
      (resource) => `all ${resource}: ${everything}`,
    ),
    ownCertificates,
    "all certificates: read list",
    ...toAskFor,
    "all secrets: read list",
    "all server: read",
    ...ofOneself,
  ],
  developer: [
    "own jobs: create read list update delete stop open",
    "own runners: create read list update delete execute",
    "own tasks: create read list update delete execute",
    "own schedules: create read list update delete",
    "own webhooks: create read list update delete",
    "own uploads: create read list delete",
    ownCertificates,
    ...toAskFor,
    ...ofOneself,
  ],
  executor: [
    "own jobs: read list stop open",
    "all tasks: read list execute",
    ownCertificates,
    ...toAskFor,
    ...ofOneself,
  ],
  viewer: [
    ...["jobs", "runners", "tasks", "schedules", "webhooks", "uploads"].map(
      (resource) => `all ${resource}: read list`,
    ),
    ownCertificates,
    ...toAskFor,
    ...ofOneself,
  ],
  self: ofOneself,
  auditor: [
    "all certificates: read list",
    ...toAskFor,
    "all secrets: read list",
    "all server: read",
    "all access: read",
    "all bindings: list",
    "all tokens: read list",
    "all audit: read list",
    "all users: read list",
    "all sessions: list",
    "all groups: read list",
    ...ofOneself,
  ],
};

it.each(Object.entries(roles))(
  "the role %s allows what is written here, and nothing else",
  (name, allowed) => {
    const { rules = [] } = builtInRoles.find((role) => role.name === name) ?? {};
    const written = rules.map(
      ({ resource, verbs: may, own }) => `${own ? "own" : "all"} ${resource}: ${may.join(" ")}`,
    );
    expect(written).toEqual(allowed);
    expect(new Set(rules.flatMap(({ names }) => names))).toEqual(new Set(["*"]));
  },
);

it("there is no other role", () => {
  expect(builtInRoles.map(({ name }) => name)).toEqual(Object.keys(roles));
});
