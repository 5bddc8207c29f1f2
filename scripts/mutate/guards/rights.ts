import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const scopes = "packages/server/test/token-scopes.test.ts";

/** Who may do what, by whichever way he comes. */
export const rights: readonly Guard[] = [
  {
    guard: "a token does no more than its scope",
    file: `${server}/auth/policy-access.ts`,
    take: " && isInScope(caller, permission, target)",
    test: scopes,
  },
  {
    guard: "a token lists no more than its scope",
    file: `${server}/auth/policy-access.ts`,
    take: "(scopeOf(caller)?.allowsAll(permission) ?? true)",
    leave: "true",
    test: scopes,
  },
  {
    guard: "a token gives no more than its scope",
    file: `${server}/auth/policy-access.ts`,
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
];
