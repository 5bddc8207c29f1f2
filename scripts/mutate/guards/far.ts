import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const providers = `${server}/auth/providers`;
const ldap = `${providers}/ldap`;
const listen = `${server}/api/http/listen`;

/** What stands between the server and those who reach it over a network, and the far providers that it asks. */
export const far: readonly Guard[] = [
  {
    guard: "requests of one connection begin one after another",
    file: `${listen}/one-at-a-time.ts`,
    take: "waiting.push(() => begin(request, response, waiting));",
    leave: "begin(request, response, waiting);",
    test: "packages/server/test/api-pipelining.test.ts",
    title: "begin one after another",
  },
  {
    guard: "a connection is read no further while many of its requests wait",
    file: `${listen}/one-at-a-time.ts`,
    take: "if (waiting.length >= MOST_WAITING) socket.pause();",
    test: "packages/server/test/api-pipelining.test.ts",
    title: "are read no further",
  },
  {
    guard: "a round of the loop takes in few requests, whatever lies ready",
    file: `${listen}/read-in-turns.ts`,
    take: "if (taken === MOST_IN_ROUND) leaveToNextRound(socket);",
    test: "packages/server/test/api-pipelining.test.ts",
    title: "of many connections",
  },
  {
    guard: "requests that wait do not fill the memory",
    file: `${listen}/one-at-a-time.ts`,
    take: "waitingInAll >= MOST_WAITING_IN_ALL &&",
    leave: "waitingInAll < 0 &&",
    test: "packages/server/test/api-pipelining.test.ts",
    title: "of many connections",
  },
  {
    guard: "nobody but a trusted proxy is believed of for whom he asks",
    file: `${listen}/arrivals.ts`,
    take: "if (peer === null || !isTrusted(peer)) return own;",
    leave: "if (peer === null) return own;",
    test: `${listen}/arrivals.test.ts`,
  },
  {
    guard: "what stands before the last proxy of ours may have been written by anybody",
    file: `${listen}/arrivals.ts`,
    take: "    if (!isTrusted(address)) return client;\n",
    test: `${listen}/arrivals.test.ts`,
  },
  {
    guard: "nothing is said in the clear beyond this host",
    file: `${server}/config/rest-problems.ts`,
    take: " && !isLoopback(host)",
    leave: " && false",
    test: `${server}/config/config.test.ts`,
  },
  {
    guard: "no cipher suite that reads old conversations with the key",
    file: `${listen}/secure-server.ts`,
    take: '"ECDHE-ECDSA-AES128-GCM-SHA256"',
    leave: '"AES128-GCM-SHA256"',
    test: "packages/server/test/rest-tls.test.ts",
    title: "refuses a suite",
  },
  {
    guard: "new certificates are taken up without a restart",
    file: `${listen}/secure-server.ts`,
    take: "() => server.setSecureContext(contextOf(tls))",
    leave: "() => undefined",
    test: "packages/server/test/rest-tls.test.ts",
    title: "takes up new ones",
  },
  {
    guard: "what comes in the clear behind the answer to StartTLS is not taken for what is said inside",
    file: `${ldap}/open-socket.ts`,
    take: 'if (answer.length !== messageLength(answer)) throw new Error("more came than the answer to StartTLS");',
    test: "packages/server/test/login/ldap.test.ts",
    title: "as if it came from inside",
  },
  {
    guard: "a name that two people have lets nobody in",
    file: `${ldap}/find-person.ts`,
    take: " || another !== undefined",
    test: "packages/server/test/login/ldap.test.ts",
    title: "two people have",
  },
  {
    guard: "an empty password is refused before anybody is asked",
    file: `${ldap}/ldap.ts`,
    take: 'password === "" || ',
    test: "packages/server/test/login/ldap.test.ts",
    title: "asks nobody",
  },
  {
    guard: "tokens of ours are never sent elsewhere",
    file: `${providers}/introspection/with-introspection.ts`,
    take: " || /^(?:berth|kri)_/i.test(token)",
    test: "packages/server/test/login/far-logins.test.ts",
    title: "only where they are none of ours",
  },
  {
    guard: "only a plain yes vouches for a token",
    file: `${providers}/introspection/read-answer.ts`,
    take: 'if (active !== true && active !== undefined) return unknown("it is not active");',
    test: `${providers}/introspection/read-answer.test.ts`,
  },
  {
    guard: "a token is asked for once at a time",
    file: `${providers}/introspection/introspection.ts`,
    take: "if (asked !== undefined) return asked;",
    test: "packages/server/test/login/introspection.test.ts",
    title: "asked for once",
  },
  {
    guard: "nobody elsewhere gets a name that is the server's own",
    file: `${server}/auth/login/sign-in.ts`,
    take: "    refuseName(name, provider);\n",
    test: "packages/server/test/login/far-logins.test.ts",
    title: "let nobody in by a name",
  },
  {
    guard: "what an issuer says is believed where it has signed it",
    file: `${providers}/oidc/open-client.ts`,
    take: "oidc.enableNonRepudiationChecks, ",
    test: "packages/server/test/login/oidc.test.ts",
    title: "signs with a key that is not its own",
  },
  {
    guard: "people of one issuer are not those of another",
    file: `${providers}/oidc/read-claims.ts`,
    take: "`${claims.iss} ${claims.sub}`",
    leave: "claims.sub",
    test: "packages/server/test/login/oidc.test.ts",
    title: "whose it is says its own name",
  },
  {
    guard: "an address that nobody has verified is nobody's name",
    file: `${providers}/oidc/read-claims.ts`,
    take: '  if (claim === "email" && claims["email_verified"] !== true) return null;\n',
    test: "packages/server/test/login/oidc.test.ts",
    title: "by an address",
  },
  {
    guard: "a login by a device is collected once",
    file: `${providers}/oidc/device-logins.ts`,
    take: "    this.#forget(key);\n    if (state.kind",
    leave: "    if (state.kind",
    test: "packages/server/test/login/oidc.test.ts",
    title: "is a session here",
  },
];
