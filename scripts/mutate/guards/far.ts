import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const listen = `${server}/api/http/listen`;

/** What stands between the server and those who reach it over a network, and the far providers that it asks. */
export const far: readonly Guard[] = [
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
];
