import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { AuditedStore } from "../src/store/store.ts";

/** What a call of the store is: one that asks, one that goes with a record, or one that needs none, and why. */
type Kind = "reads" | "recorded" | { unrecorded: string };

function all<Call extends string, const One extends Kind>(
  kind: One,
  ...names: readonly Call[]
): Record<Call, One> {
  return Object.fromEntries(names.map((name) => [name, kind])) as Record<Call, One>;
}

const reads = "reads";
const recorded = "recorded";
const noted = { unrecorded: "when it was used changes nothing of what anybody may do" };
const parts = { unrecorded: "parts of uploads are nobody's yet; what is complete is recorded" };
const own = { unrecorded: "of the server's own authority: the log has it" };

/** Does not compile while a call of the store is missing. */
const calls: { [Noun in keyof AuditedStore]: Record<keyof AuditedStore[Noun], Kind> } = {
  events: all(reads, "list"),
  accounts: {
    ...all(reads, "list", "find", "findPassword", "findIdentity", "isHeld", "identities"),
    ...all(recorded, "insert", "change", "setPassword", "delete", "restore", "link", "unlink"),
  },
  groups: {
    ...all(reads, "list", "memberships"),
    ...all(recorded, "insert", "delete", "add", "remove", "replace"),
  },
  roles: { ...all(reads, "list"), ...all(recorded, "insert", "update", "delete") },
  sessions: {
    ...all(reads, "findByHash", "find", "list", "existing", "replaced"),
    ...all(recorded, "insert", "delete"),
    ...all(noted, "used", "turn", "settle"),
  },
  tokens: {
    ...all(reads, "findByHash", "find", "list", "existing", "madeBy"),
    ...all(recorded, "insert", "delete"),
    ...all(noted, "used"),
  },
  certificates: {
    ...all(reads, "find", "list", "ending", "revoked"),
    ...all(recorded, "insert", "revoke"),
    ...all({ unrecorded: "they let nobody in any more" }, "forgetExpired"),
    ...all({ unrecorded: "what an earlier version kept in a file" }, "adopt"),
  },
  authorities: { ...all(reads, "list"), ...all(own, "remember") },
  locks: { ...all(reads, "list"), ...all(recorded, "lock", "unlock") },
  bindings: { ...all(reads, "list"), ...all(recorded, "insert", "delete") },
  uploads: {
    ...all(reads, "get", "list", "usage", "holds", "holdsPart", "unused", "nameless"),
    ...all(recorded, "complete", "delete"),
    ...all(parts, "insert", "reserve", "restart"),
    ...all(noted, "touch"),
  },
  networks: {
    ...all(reads, "list", "get", "rules", "users", "contacts"),
    ...all(recorded, "insert", "update", "delete"),
  },
  secrets: {
    ...all(reads, "list", "get", "version", "lastMounted", "ofJob", "users", "sealedOtherwise", "keyIds"),
    ...all(reads, "auditKeys"),
    ...all(recorded, "insert", "update", "delete", "keepAuditKey"),
    ...all({ unrecorded: "what lies in a mounted file; its use is recorded" }, "keepMounted"),
    ...all({ unrecorded: "the rotation of the key is recorded as a whole" }, "reseal"),
    ...all({ unrecorded: "versions that no secret and no job has any more" }, "prune"),
  },
  definitions: {
    ...all(reads, "get", "list", "versions", "version", "belongingTo"),
    ...all(recorded, "insert", "change", "delete"),
  },
  schedules: {
    ...all(reads, "states", "due", "firstAfter", "runs"),
    ...all(recorded, "skip", "refuse", "pause", "resume"),
  },
  deliveries: {
    ...all(reads, "ofJob", "dueLanes", "due", "firstAfter", "pending"),
    ...all(recorded, "resend"),
    ...all({ unrecorded: "attempts stand in the log of the job; its end is recorded" }, "claim", "settle"),
    ...all({ unrecorded: "another server, or another clock: nobody asked for it" }, "takeUp", "setBack"),
  },
  retries: { ...all(reads, "due", "firstAfter"), ...all(recorded, "refuse", "putOff") },
  quotas: { ...all(reads, "list", "storedBytes"), ...all(recorded, "set", "delete") },
};

/** Calls that look like the store's, and are not, or have their record otherwise. */
const known: Readonly<Record<string, string>> = {
  "auth/admin-token.ts tokens.insert(": "server.ts hands it one that records",
  "auth/login/groups.ts groups.add(": "a set of names",
  "auth/login/sign-in.ts sessions.insert(": "with the record of the door, where that is given",
  "operations/quotas/delete-quota.ts quotas.delete(": "what the queue knows of them",
  "operations/quotas/set-quota.ts quotas.set(": "what the queue knows of them",
};

const source = join(import.meta.dirname, "../src");

function* callsIn(text: string): Generator<string, undefined> {
  for (const [noun, methods] of Object.entries(calls)) {
    const names = Object.entries(methods).flatMap(([name, kind]) => (kind === recorded ? [name] : []));
    if (names.length === 0) continue;
    // What is called on the answer of a function, as on `audited(...)`, stands behind a bracket.
    const call = new RegExp(`(?<!\\)\\s*\\.)\\b${noun}\\s*\\.\\s*(?:${names.join("|")})\\(`, "g");
    for (const [found] of text.matchAll(call)) yield found.replace(/\s/g, "");
  }
  return undefined;
}

it("whatever is written of who may do what has its record in the same transaction", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" });
  const own = files.filter((file) => file.endsWith(".ts") && !/\.test\.ts$|^(?:store|engines)\//.test(file));
  const found = own.flatMap((file) =>
    [...callsIn(readFileSync(join(source, file), "utf8"))].map((call) => `${file} ${call}`),
  );
  expect(own.length).toBeGreaterThan(300);
  // A call belongs to `store.audited(entry).<noun>`, or into `known` with the reason why not.
  expect([...new Set(found)].toSorted()).toEqual(Object.keys(known).toSorted());
});
