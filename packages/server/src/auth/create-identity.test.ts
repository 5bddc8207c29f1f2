import { expect, it } from "vitest";
import type { ApiToken } from "../store/store.ts";
import { createIdentity } from "./create-identity.ts";
import { ShownTokens } from "./shown-tokens.ts";
import { createToken } from "./tokens.ts";

const arrival = { door: "rest", address: "192.0.2.1", requestId: "r1" } as const;

function open() {
  const { text, stored } = createToken({ name: "ann", role: "admin" }, { createdAt: 1000, expiresAt: null });
  const tokens = {
    findByHash: (hash: string): Promise<ApiToken | null> =>
      Promise.resolve(hash === stored.hash ? stored : null),
    existing: () => Promise.resolve([]),
    used: () => Promise.resolve(),
  };
  return { identity: createIdentity({ tokens: new ShownTokens({ tokens, now: () => 1000 }) }), text, stored };
}

it("knows a caller by a token: its principal, role and id, never the token itself", async () => {
  const { identity, text, stored } = open();
  expect(await identity.ofToken(`Bearer ${text}`, arrival)).toEqual({
    ...arrival,
    principal: { name: "ann", roles: ["admin"] },
    groups: [],
    credential: { kind: "token", id: stored.id },
  });
});

it("knows a caller by a certificate, which makes nobody an administrator, whatever its name", () => {
  expect(open().identity.ofCertificate({ serial: "0a1b", cn: "admin" }, arrival)).toEqual({
    ...arrival,
    principal: { name: "admin", roles: ["developer"] },
    groups: [],
    credential: { kind: "certificate", id: "0a1b" },
  });
});

it("knows the program in whose process jobs run as a user of its own", () => {
  expect(open().identity.ofProcess(arrival)).toEqual({
    ...arrival,
    principal: { name: "executor", roles: ["developer"] },
    groups: [],
    credential: { kind: "process", id: String(process.pid) },
  });
});
