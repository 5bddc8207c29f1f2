import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const cookies = `${server}/api/http/cookies`;
const sessions = `${server}/auth/login/cookie-sessions.ts`;
const overApi = "packages/server/test/api-cookies.test.ts";
const oidc = `${server}/auth/providers/oidc`;
const pages = `${server}/api/http/login`;
const overPages = "packages/server/test/login/pages.test.ts";
const overTime = `${server}/auth/login/cookie-sessions.test.ts`;

/** What stands between a browser's login and pages of others, and whoever has read its cookie somewhere. */
export const browsers: readonly Guard[] = [
  {
    guard: "a page of somebody else changes nothing by a browser's login",
    file: `${server}/api/http/auth.ts`,
    take: "  demandOwnPage(request);\n",
    test: overApi,
    title: "changes nothing",
  },
  {
    guard: "no copy of a cookie outlives the password that was changed by it",
    file: `${server}/operations/sessions/change-password.ts`,
    take: "const inCookie = session !== null && session.turn !== null ? session : null;",
    leave: "const inCookie = session !== null && session.turn === undefined ? session : null;",
    test: overPages,
    title: "a copy of the cookie does not outlive",
  },
  {
    guard: "a name behind a space of another kind is not ours: another host of the domain may set it",
    file: `${cookies}/cookies.ts`,
    take: "withoutBlanks(part.slice(0, at)) !== name",
    leave: "part.slice(0, at).trim() !== name",
    test: overApi,
    title: "whose names only look like it",
  },
  {
    guard: "a page is ours by its whole origin",
    file: `${cookies}/own-pages.ts`,
    take: "origin !== undefined && !isOwn(origin, arrival)",
    leave: "origin !== undefined && isOwn(origin, arrival) && false",
    test: overApi,
    title: "is told from ours by",
  },
  {
    guard: "a browser that does not say who asks is not taken for ours",
    file: `${cookies}/own-pages.ts`,
    take: "(site === undefined && origin !== undefined)",
    leave: "site === undefined",
    test: overApi,
    title: "changes nothing",
  },
  {
    guard: "a header that proves nobody is refused, whatever cookie comes with it",
    file: `${server}/api/http/auth.ts`,
    take: "authorization === undefined ? await callerByCookie(identity, visit) : null",
    leave: "await callerByCookie(identity, visit)",
    test: overApi,
    title: "beside a header",
  },
  {
    guard: "of two cookies of one name neither counts",
    file: `${cookies}/cookies.ts`,
    take: "    if (found !== null) return null;\n",
    test: overApi,
    title: "it is sent",
  },
  {
    guard: "a cookie that came in the clear counts on this host alone",
    file: `${cookies}/cookies.ts`,
    take: 'isLoopback(address ?? "") && isLoopbackHost(host ?? "")',
    leave: "true",
    test: overApi,
    title: "came in the clear",
  },
  {
    guard: "a session has another text as soon as its user has other rights",
    file: sessions,
    take: " || rights !== rightsOf(principal)",
    test: overTime,
    title: "something else than before",
  },
  {
    guard: "the text before is over a minute after the next one was shown",
    file: sessions,
    take: "    if (until > now()) return null;\n",
    leave: "    if (until !== null) return null;\n",
    test: overTime,
    title: "for a minute",
  },
  {
    guard: "one of several requests gives a session its next text",
    file: `${server}/store/queries/access/sessions.ts`,
    take: '.where("id", "=", id).where("hash", "=", was)',
    leave: '.where("id", "=", id)',
    test: "packages/server/test/store.test.ts",
    title: "get another text once",
  },
  {
    guard: "a form of a page of somebody else's is not taken",
    file: `${pages}/forms.ts`,
    take: "  demandOwnPage(request);\n",
    test: overPages,
    title: "takes no form",
  },
  {
    guard: "a form is not taken without what the browser keeps for it",
    file: `${pages}/forms.ts`,
    take: 'kept === null || !isSame(kept, body.get(TOKEN) ?? "")',
    leave: "false",
    test: overPages,
    title: "takes no form",
  },
  {
    guard: "a login goes on to paths of the server alone",
    file: `${pages}/next-path.ts`,
    take: "  if (!/^\\/(?![/\\\\])[\\x21-\\x5b\\x5d-\\x7e]*$/.test(asked)) return HOME;\n",
    test: `${pages}/next-path.test.ts`,
  },
  {
    guard: "dots lead to no other host",
    file: `${pages}/next-path.ts`,
    take: ' && !url.pathname.startsWith("//")',
    test: `${pages}/next-path.test.ts`,
  },
  {
    guard: "the login that the browser had before ends",
    file: `${pages}/people.ts`,
    take: "  await endLogin(ways, visit);\n",
    test: overPages,
    title: "ends the login that the browser had before",
  },
  {
    guard: "a return from an issuer counts in the browser that left for it",
    file: `${oidc}/code-logins.ts`,
    take: "attempt.browser === hashOf(browser)",
    leave: "true",
    test: `${oidc}/code-logins.test.ts`,
    title: "another browser",
  },
  {
    guard: "a return counts at the issuer that it was begun with",
    file: `${oidc}/code-logins.ts`,
    take: "attempt.provider === provider",
    leave: "true",
    test: `${oidc}/code-logins.test.ts`,
    title: "another issuer",
  },
  {
    guard: "a return from an issuer counts once",
    file: `${oidc}/code-logins.ts`,
    take: "    this.#open.delete(key);\n    if (attempt.until",
    leave: "    if (attempt.until",
    test: `${oidc}/code-logins.test.ts`,
    title: "once",
  },
  {
    guard: "a return answers the question that was asked",
    file: `${oidc}/oidc.ts`,
    take: "{ ...expected, idTokenExpected: true }",
    leave:
      '{ pkceCodeVerifier: expected.pkceCodeVerifier ?? "", expectedState: expected.expectedState ?? "" }',
    test: "packages/server/test/login/oidc-code.test.ts",
    title: "is for no question",
  },
  {
    guard: "a real browser that is led by a page of somebody else changes nothing",
    file: `${server}/api/http/cookies/own-pages.ts`,
    take: "origin !== undefined && !isOwn(origin, arrival)",
    leave: "origin !== undefined) return;\n  if (false",
    test: "packages/server/test/login/browser.test.ts",
    title: "does nothing for a page",
  },
  {
    guard: "whoever leaves for an issuer again and again does not have us ask it each time",
    file: `${oidc}/oidc.ts`,
    take: "this.#leaving !== null && this.#leaving.until > now",
    leave: "this.#leaving !== null && this.#leaving.until < now",
    test: "packages/server/test/login/oidc-code.test.ts",
    title: "once a minute",
  },
];
