import { expect, it } from "vitest";
import { foldName } from "../core/access/fold-name.ts";
import type { Account } from "../store/account-store.ts";
import type { ApiToken } from "../store/store.ts";
import { createIdentity } from "./create-identity.ts";
import { Accounts } from "./login/accounts.ts";
import { Groups } from "./login/groups.ts";
import { ShownTokens } from "./shown-tokens.ts";
import { createToken } from "./tokens.ts";

const arrival = { door: "rest", address: "192.0.2.1", requestId: "r1" } as const;

const ann: Account = {
  id: "a1",
  name: "ann",
  key: "ann",
  display: null,
  createdAt: 1,
  deletedAt: null,
  passwordAt: 1,
  mustChange: false,
};

function open(
  all: Partial<Account>[] = [],
  { scope = null, expiresAt = null, provider = "local" }: Partial<ApiToken> & { provider?: string } = {},
) {
  const { text, stored } = createToken({ name: "ann", role: "admin" }, { createdAt: 1000, expiresAt, scope });
  const tokens = {
    findByHash: (hash: string): Promise<ApiToken | null> =>
      Promise.resolve(hash === stored.hash ? stored : null),
    existing: () => Promise.resolve([]),
    used: () => Promise.resolve(),
  };
  const session = `berth_s_${"S".repeat(43)}`;
  const accounts = new Accounts(all.map((each) => ({ ...ann, key: foldName(each.name ?? "ann"), ...each })));
  const groups = new Groups([{ group: "ops", member: "ann", source: "local" }]);
  const times = { createdAt: 1, usedAt: 1, expiresAt: 5000 };
  const from = { provider, address: null, agent: null, turn: null };
  const known = { ...times, ...from, id: "s1", hash: "h", principal: all.at(-1)?.name ?? "ann" };
  const sessions = {
    check: async (shown: string) => {
      if (shown !== session) throw new Error("no such session");
      return known;
    },
  };
  const identity = createIdentity({
    tokens: new ShownTokens({ tokens, now: () => 1000 }),
    accounts,
    groups,
    sessions,
    cookies: { check: async (shown) => ({ session: known, renewed: `${shown} anew` }) },
  });
  return { identity, text, stored, session };
}

it("knows a caller by a session, with what was given to the account alone", async () => {
  const { identity, session } = open([{}]);
  expect(await identity.ofToken(`Bearer ${session}`, arrival)).toEqual({
    ...arrival,
    principal: { name: "ann", roles: ["self"] },
    groups: ["ops"],
    credential: { kind: "session", id: "s1", expiresAt: 5000 },
  });
});

it("knows a caller by a cookie as by the session that it shows, and says what to show from now on", async () => {
  const { identity, session } = open([{}]);
  expect(await identity.ofCookie("old", arrival)).toEqual({
    caller: await identity.ofToken(`Bearer ${session}`, arrival),
    renewed: "old anew",
  });
});

it("asks for no other password where it was another's to give, or where there is no account", async () => {
  for (const { identity, session } of [open([{ mustChange: true }], { provider: "ldap" }), open()])
    expect(await identity.ofToken(`Bearer ${session}`, arrival)).not.toHaveProperty("mustChangePassword");
});

it("knows what a token may be used for, and until when", async () => {
  const scope = [{ resource: "jobs", names: ["*"], verbs: ["read"] }] as const;
  const { identity, text, stored } = open([], { scope, expiresAt: 9000 });
  expect(await identity.ofToken(`Bearer ${text}`, arrival)).toMatchObject({
    scope,
    credential: { kind: "token", id: stored.id, expiresAt: 9000 },
  });
  expect(await open().identity.ofToken(`Bearer ${open().text}`, arrival).catch(String)).toContain(
    "not known",
  );
});

it.each(["", "Bearer", "x Bearer S", "Bearer S x", undefined])(
  "takes no session from the header %j, nor fails over it",
  async (header) => {
    const { identity, session } = open([{}]);
    await expect(identity.ofToken(header?.replace("S", session), arrival)).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
  },
);

it("reads a session behind any number of blanks", async () => {
  const { identity, session } = open([{}]);
  expect(await identity.ofToken(`bearer   ${session}`, arrival)).toMatchObject({ credential: { id: "s1" } });
});

it("holds whoever has to choose a password to that, where it comes by the one that it was given", async () => {
  const { identity, session, text } = open([{ mustChange: true }]);
  expect(await identity.ofToken(`Bearer ${session}`, arrival)).toMatchObject({ mustChangePassword: true });
  expect(await identity.ofToken(`Bearer ${text}`, arrival)).not.toHaveProperty("mustChangePassword");
});

it("makes the one account that is always there an administrator, by its session", async () => {
  const { identity, session } = open([{ name: "admin", key: "admin" }]);
  const { principal } = await identity.ofToken(`Bearer ${session}`, arrival);
  expect(principal).toEqual({ name: "admin", roles: ["admin"] });
});

it("gives whoever has an account what that has, whatever the credential brings", async () => {
  const { identity, text } = open([{}]);
  const proven = { serial: "0a1b", cn: "ann" };
  expect((await identity.ofToken(`Bearer ${text}`, arrival)).principal).toEqual({
    name: "ann",
    roles: ["self"],
  });
  expect(identity.ofCertificate(proven, arrival).principal).toEqual({ name: "ann", roles: ["self"] });
});

it("lets nobody in under the name of an account in another spelling", () => {
  const { identity } = open([{}]);
  for (const cn of ["Ann", "ANN", "\uff41nn"]) {
    expect(() => identity.ofCertificate({ serial: "1", cn }, arrival)).toThrow('is written "ann" here');
  }
  expect(identity.ofCertificate({ serial: "1", cn: "anna" }, arrival).principal.roles).toEqual(["developer"]);
});

it("knows a caller by a token: its principal, role and id, never the token itself", async () => {
  const { identity, text, stored } = open();
  expect(await identity.ofToken(`Bearer ${text}`, arrival)).toEqual({
    ...arrival,
    principal: { name: "ann", roles: ["admin"] },
    groups: ["ops"],
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
