import { existsSync, readFileSync } from "node:fs";
import type { SessionList } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ensureAdminAccount } from "../src/auth/login/admin-password.ts";
import { newId } from "../src/lib/ids.ts";
import { ApiBench } from "./support/api-bench.ts";
import { peopleOf } from "./support/people.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { until } from "./support/until.ts";

let api: ApiBench;
beforeEach(async () => {
  api = await ApiBench.open();
});
afterEach(() => api[Symbol.asyncDispose]());

const { secret, account, logIn, session, by, make, codeOf } = peopleOf(() => api);

describe("a login", () => {
  it("lets its user in with what was given to it, and is known by its hash alone", async () => {
    await account("eve");
    const { token, session: shown, mustChangePassword } = await session("EVE");
    expect([token, mustChangePassword]).toEqual([expect.stringMatching(/^berth_s_[\w-]{43}$/), false]);
    expect(shown).toMatchObject({ user: "eve", provider: "local", address: "127.0.0.1", current: true });
    expect((await by(token, "GET /api/v1/whoami")).body).toMatchObject({
      name: "eve",
      roles: ["developer", "self"],
      credential: { kind: "session", id: shown.id, expiresAt: shown.expiresAt },
      account: { display: null, mustChangePassword: false },
    });
    const everything = JSON.stringify([await by(token, "GET /api/v1/sessions"), api.logLines]);
    expect(everything).toContain(shown.id);
    for (const hidden of [token, secret, "argon2", '"hash"']) expect(everything).not.toContain(hidden);
  });

  it("is refused in one way, whatever was wrong", async () => {
    await account("eve");
    await make({ name: "nopass" });
    await account("gone");
    await api.call("DELETE /api/v1/users/gone", { as: "root" });
    const tries = [
      ["eve", "wrong"],
      ["eve", ""],
      ["nobody", secret],
      ["nopass", secret],
      ["gone", secret],
      ["", secret],
      ["ann", secret],
      ["eve\0", secret],
    ] as const;
    const answers = await Promise.all(tries.map(([name, password]) => logIn(name, password)));
    for (const { status, body } of answers) {
      expect([status, body]).toMatchObject([
        401,
        { code: "UNAUTHENTICATED", message: "Cannot authenticate: name and password do not go together" },
      ]);
    }
  });

  it("does the same work for every name, and is refused no sooner than at the same moment", async () => {
    await account("eve");
    await make({ name: "nopass" });
    await account("gone");
    await api.call("DELETE /api/v1/users/gone", { as: "root" });
    const checks = vi.spyOn(api.context.passwords, "check");
    for (const name of ["eve", "nobody", "nopass", "gone", "ann"]) {
      checks.mockClear();
      const begun = performance.now();
      expect((await logIn(name, "wrong")).status).toBe(401);
      // The thread takes as long with a stored hash as without one: passwords.test.ts.
      expect([name, checks.mock.calls.length]).toEqual([name, 1]);
      // A timer may fire a moment early.
      expect(performance.now() - begun).toBeGreaterThan(245);
    }
  });

  it("has to be by a provider that there is", async () => {
    expect(await logIn("eve", secret, { provider: "corp" })).toMatchObject({
      status: 400,
      body: { problems: [{ field: "provider", message: "must be one of local" }] },
    });
  });

  it("by a provider of no such name is slowed down as any, and is recorded without what was said", async () => {
    const tries = Array.from({ length: 6 }, () => logIn("eve", secret, { provider: "x".repeat(60) }));
    const answers = await Promise.all(tries);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(5);
    const text = await until(
      async () => {
        const { text: all } = await api.call("GET /api/v1/audit?verb=login", { as: "root" });
        return all.includes("TOO_MANY_ATTEMPTS") && all.includes("REQUEST_INVALID") ? all : null;
      },
      { what: "the records of both refusals" },
    );
    expect(text).toContain('"provider":"unknown"');
    expect(text).not.toContain("xxx");
  });

  it("is slowed down where many are wrong, with the time to wait", async () => {
    await account("eve");
    const answers = await Promise.all(Array.from({ length: 6 }, () => logIn("eve", "wrong")));
    const late = answers.find(({ status }) => status === 429);
    expect(late).toMatchObject({ headers: { "retry-after": "1" }, body: { code: "TOO_MANY_ATTEMPTS" } });
  });

  it("ends by logout, at once, and nothing else of the user does", async () => {
    await account("eve");
    const [one, two] = [await session("eve"), await session("eve")];
    expect((await by(one.token, "POST /api/v1/logout")).status).toBe(204);
    expect(codeOf(await by(one.token, "GET /api/v1/whoami"))).toBe("UNAUTHENTICATED");
    expect((await by(two.token, "GET /api/v1/whoami")).status).toBe(200);
    expect(codeOf(await api.call("POST /api/v1/logout"))).toBe("SESSION_NOT_FOUND");
  });

  it("is listed and ended by its user and by administrators, and is not there for others", async () => {
    await account("eve");
    await account("eve-b");
    const [one, two, other] = [await session("eve"), await session("eve"), await session("eve-b")];
    const listed = async (token: string) =>
      ((await by(token, "GET /api/v1/sessions")).body as SessionList).items.map(({ id }) => id);
    expect(await listed(one.token)).toEqual([one.session.id, two.session.id]);
    expect(await listed(other.token)).toEqual([other.session.id]);
    const end = (token: string, id: string) => by(token, `DELETE /api/v1/sessions/${id}`);
    expect(codeOf(await end(other.token, one.session.id))).toBe("SESSION_NOT_FOUND");
    expect((await end(one.token, two.session.id)).status).toBe(204);
    expect(codeOf(await by(two.token, "GET /api/v1/whoami"))).toBe("UNAUTHENTICATED");
    expect((await api.call(`DELETE /api/v1/sessions/${one.session.id}`, { as: "root" })).status).toBe(204);
    expect(codeOf(await by(one.token, "GET /api/v1/whoami"))).toBe("UNAUTHENTICATED");
    expect(codeOf(await api.call(`DELETE /api/v1/sessions/${newId()}`, { as: "root" }))).toBe(
      "SESSION_NOT_FOUND",
    );
  });

  it("ends the one of fifty that was used least lately", async () => {
    await account("eve");
    const { store } = api.context;
    const first = await session("eve");
    const others = Array.from({ length: 49 }, () => {
      const times = { createdAt: Date.now(), usedAt: Date.now() + 1000, expiresAt: Date.now() + 60_000 };
      const kind = { principal: "eve", provider: "local", address: null, agent: null, turn: null };
      const session = { id: newId(), hash: newId(), ...kind, ...times };
      return store.sessions.insert(session, { usedBefore: 0, of: null });
    });
    await Promise.all(others);
    await session("eve");
    expect(codeOf(await by(first.token, "GET /api/v1/whoami"))).toBe("UNAUTHENTICATED");
  });
});

describe("a login that is overtaken", () => {
  it.each([
    ["by another password", "POST /api/v1/users/gil/password", {}],
    ["by a deletion", "DELETE /api/v1/users/gil", undefined],
  ] as const)("%s begins no session", async (_by, route, body) => {
    await account("gil");
    const { store, passwords } = api.context;
    const check = vi.spyOn(passwords, "check").mockImplementationOnce(async (...shown) => {
      const isRight = await passwords.check(...shown);
      expect(await api.call(route, { as: "root", ...(body && { body }) })).not.toHaveProperty("code");
      return isRight;
    });
    expect(codeOf(await logIn("gil"))).toBe("UNAUTHENTICATED");
    expect(check).toHaveBeenCalled();
    expect((await store.sessions.list({ principal: "gil", limit: 9, cursor: null })).items).toEqual([]);
  });

  it("changes no password either", async () => {
    await account("gil");
    const { token } = await session("gil");
    const { store, passwords, accounts } = api.context;
    vi.spyOn(passwords, "check").mockImplementationOnce(async (...shown) => {
      const isRight = await passwords.check(...shown);
      await api.call("POST /api/v1/users/gil/password", { as: "root", body: { password: null } });
      return isRight;
    });
    const body = { current: secret, password: `another ${secret}` };
    expect(codeOf(await by(token, "POST /api/v1/password", body))).toBe("UNAUTHENTICATED");
    expect(await store.accounts.findPassword("gil")).toMatchObject({ hash: null });
    expect(accounts.find("gil")).toMatchObject({ passwordAt: null });
  });
});

describe("the first account", () => {
  it("is an administrator, whose password lies beside the token until it has chosen another", async () => {
    await using folder = tempFolder();
    const ensure = () => ensureAdminAccount({ context: api.context, dataDir: folder.path });
    const { path, created } = await ensure();
    expect(created).toBe(true);
    const password = readFileSync(path, "utf8").trim();
    const { token } = await session("admin", password);
    expect(codeOf(await by(token, "GET /api/v1/server"))).toBe("PASSWORD_EXPIRED");
    expect(await ensure()).toMatchObject({ created: false });
    expect(existsSync(path)).toBe(true);
    const changed = await by(token, "POST /api/v1/password", { current: password, password: secret });
    expect(changed.status).toBe(204);
    expect((await by(token, "GET /api/v1/whoami")).body).toMatchObject({ roles: ["admin"] });
    await ensure();
    expect(existsSync(path)).toBe(false);
    for (const request of ["DELETE /api/v1/users/admin", "POST /api/v1/users/admin/lock"])
      expect(codeOf(await api.call(request, { as: "root" }))).toBe("BUILT_IN");
  });
});

describe("what another process changes", () => {
  it("counts from then on: accounts, their sessions and their locks", async () => {
    await account("eve");
    const { token } = await session("eve");
    const { accounts, sessions, store } = api.context;
    await store.accounts.delete(accounts.find("eve") ?? { id: "", name: "" }, 5);
    await Promise.all([sessions.reload(), accounts.reload(() => store.accounts.list())]);
    await until(async () => (await by(token, "GET /api/v1/whoami")).status === 401, {
      what: "the session ends",
    });
    expect(accounts.find("eve")).toMatchObject({ deletedAt: 5 });
  });
});
