import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const writers = "packages/server/test/write-groups.test.ts";
const scopes = "packages/server/test/token-scopes.test.ts";

/** Who may do what, by whichever way he comes. */
export const rights: readonly Guard[] = [
  {
    guard: "a list by label holds the jobs of its owner alone",
    file: `${server}/store/queries/listing/job-candidates.ts`,
    take: 'owner === null ? labeled : labeled.where("job_label.owner", "=", toColumn(owner))',
    leave: "labeled",
    test: "packages/server/test/store-long-history.test.ts",
    title: "as fast as of ten",
  },
  {
    guard: "one refusal is one record",
    file: `${server}/auth/audited/audited-access.ts`,
    take: " && !target.isAside",
    test: "packages/server/test/task-refusals.test.ts",
  },
  {
    guard: "a runner names no image that its writer was not granted",
    file: `${server}/operations/server/may-use-image.ts`,
    take: "if (await access.allows(caller, use, { called: image })) return;",
    leave: "if (image !== what) return;",
    test: "packages/server/test/grants-of-images.test.ts",
  },
  {
    guard: "what is open is asked for again as rights change",
    file: `${server}/auth/policy/whole-access.ts`,
    take: "changing.watch(() => rights.askAgain());",
    leave: "void changing;",
    test: "packages/server/test/rights-cuts.test.ts",
  },
  {
    guard: "a token does no more than its scope",
    file: `${server}/auth/policy/policy-access.ts`,
    take: " && isInScope(caller, permission, target)",
    test: scopes,
  },
  {
    guard: "a token lists no more than its scope",
    file: `${server}/auth/policy/policy-access.ts`,
    take: "(scopeOf(caller)?.allowsAll(permission) ?? true)",
    leave: "true",
    test: scopes,
  },
  {
    guard: "a token gives no more than its scope",
    file: `${server}/auth/policy/policy-access.ts`,
    take: "?? (caller.scope && lacking(caller.scope, rules)) ",
    test: scopes,
  },
  {
    guard: "a token that a token makes has its scope",
    file: `${server}/operations/tokens/create-token.ts`,
    take: "if (scope === undefined) return asked;",
    leave: "if (scope !== null) return asked;",
    test: scopes,
  },
  {
    guard: "a token with a scope gets no certificate, which has none",
    file: `${server}/operations/certificates/issue-certificate.ts`,
    take: " || caller.scope !== undefined",
    test: scopes,
  },
  {
    guard: "who is in no group of writers changes nothing",
    file: `${server}/auth/policy/write-groups.ts`,
    take: `verb !== "read" && verb !== "list"`,
    leave: `verb === "admin"`,
    test: writers,
  },
  {
    guard: "groups of writers are met however they are written",
    file: `${server}/auth/policy/write-groups.ts`,
    take: "keys.has(foldName(group))",
    leave: "names.includes(group)",
    test: writers,
  },
  {
    guard: "a stranger sees no more than what is public, whatever is given to its name",
    file: `${server}/api/http/auth.ts`,
    take: "publicRead && isPublic(permission)",
    leave: "publicRead",
    test: writers,
  },
  {
    guard: "a call over gRPC asks for its permission before its request is read",
    file: `${server}/api/grpc/executor-service.ts`,
    take: `unary(rules("stopJob")`,
    leave: `unary(rules("getJob")`,
    test: "packages/server/test/grpc/executor-walk.test.ts",
  },
  {
    guard: "a stream over gRPC asks for its permission",
    file: `${server}/api/grpc/serve.ts`,
    take: "await access.enter(caller, operations[operation].permission);\n        giveBack",
    leave: "giveBack",
    test: "packages/server/test/grpc/executor-walk.test.ts",
  },
  {
    guard: "logins that are taken out of the database itself end",
    file: `${server}/store/postgres/migrate.ts`,
    take: "AFTER DELETE ON session",
    leave: "AFTER TRUNCATE ON session",
    test: "packages/server/test/postgres-cuts.test.ts",
    title: "by the session alone",
  },
  {
    guard: "what a token has made ends with it",
    file: `${server}/store/queries/access/made-by.ts`,
    take: "union select made.id from token as made join family on made.made_by = ${TOKEN} || family.id",
    leave: "",
    test: "packages/server/test/api-tokens.test.ts",
    title: "ends the tokens that were made by it",
  },
  {
    guard: "a text of a session of long ago ends it",
    file: `${server}/auth/login/cookie-sessions.ts`,
    take: "if (had === null || had.at + OVERLAP_MS > now()) throw unknown;",
    leave: "throw unknown;",
    test: `${server}/auth/login/cookie-sessions.test.ts`,
  },
];
