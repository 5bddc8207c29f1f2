import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const cookies = `${server}/api/http/cookies`;
const sessions = `${server}/auth/login/cookie-sessions.ts`;
const overApi = "packages/server/test/api-cookies.test.ts";
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
    take: 'authorization === undefined ? readCookie(request, "session") : null',
    leave: 'readCookie(request, "session")',
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
    take: " || (before.until ?? Infinity) <= now",
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
];
