import type { CreatedUser, UserDetails, UserList } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hashRandomPassword } from "../src/auth/passwords/hash-password.ts";
import { ApiBench } from "./support/api-bench.ts";
import { peopleOf } from "./support/people.ts";

let api: ApiBench;
beforeEach(async () => {
  api = await ApiBench.open();
});
afterEach(() => api[Symbol.asyncDispose]());

const { secret, account, logIn, session, by, make, codeOf } = peopleOf(() => api);

describe("a user", () => {
  it("gets a password for the first login alone, and may do nothing before it has chosen one", async () => {
    const made = await make({ name: "eve", display: "Eve", oneTimePassword: true });
    const { password, ...shown } = made.body as CreatedUser;
    expect(shown).toMatchObject({ name: "eve", display: "Eve", locked: false, mustChangePassword: true });
    const { token, mustChangePassword } = await session("eve", password ?? "");
    expect(mustChangePassword).toBe(true);
    const other = await session("eve", password ?? "");
    const submit = () => by(token, "POST /api/v1/jobs", { command: "true" });
    expect(codeOf(await submit())).toBe("PASSWORD_EXPIRED");
    expect(codeOf(await by(token, "GET /api/v1/jobs"))).toBe("PASSWORD_EXPIRED");
    const change = (current: string, next: string) =>
      by(token, "POST /api/v1/password", { current, password: next });
    expect(codeOf(await change("wrong", secret))).toBe("UNAUTHENTICATED");
    for (const bad of ["short", password ?? "", "eve-eve-eve-eve"])
      expect([bad, codeOf(await change(password ?? "", bad))]).toEqual([bad, "REQUEST_INVALID"]);
    expect((await change(password ?? "", secret)).status).toBe(204);
    expect((await submit()).status).toBe(201);
    expect(codeOf(await by(other.token, "GET /api/v1/whoami"))).toBe("UNAUTHENTICATED");
    expect((await logIn("eve", password ?? "")).status).toBe(401);
    expect((await logIn("eve")).status).toBe(201);
  });

  it("without any role may do with itself what everybody may, and nothing more", async () => {
    await make({ name: "eve", roles: [] });
    const { accounts, store } = api.context;
    const known = accounts.find("eve");
    if (known === null) throw new Error("there is no eve");
    const password = { hash: hashRandomPassword(secret), at: 1, mustChange: false };
    await store.accounts.setPassword(known, password, { keep: null });
    const { token } = await session("eve");
    expect((await by(token, "GET /api/v1/users/eve")).status).toBe(200);
    expect((await by(token, "GET /api/v1/sessions")).status).toBe(200);
    expect(codeOf(await by(token, "GET /api/v1/users/ann"))).toBe("USER_NOT_FOUND");
    expect(codeOf(await by(token, "POST /api/v1/jobs", { command: "true" }))).toBe("FORBIDDEN");
  });

  it("has what was given to it whatever it comes by: a token brings nothing beside", async () => {
    const token = await api.call("GET /api/v1/whoami", { as: "ann" });
    expect(token.body).toMatchObject({ roles: ["developer"] });
    await make({ name: "ann", roles: ["viewer"] });
    expect((await api.call("GET /api/v1/whoami", { as: "ann" })).body).toMatchObject({
      roles: ["self", "viewer"],
    });
    const asked = "GET /api/v1/access/explain?verb=create&resource=jobs&principal=ann";
    expect((await api.call(asked, { as: "root" })).body).toMatchObject({ allowed: false });
  });

  it.each([
    ["admin", "REQUEST_INVALID"],
    ["Executor", "REQUEST_INVALID"],
    ["\u202eeve", "REQUEST_INVALID"],
    [" eve", "REQUEST_INVALID"],
    ["x".repeat(65), "REQUEST_INVALID"],
    [".", "REQUEST_INVALID"],
    ["..", "REQUEST_INVALID"],
    ["a/b", "REQUEST_INVALID"],
    ["a\\b", "REQUEST_INVALID"],
    ["Eve", "NAME_TAKEN"],
    ["\uff25ve", "NAME_TAKEN"],
  ])("is not made as %j: %s", async (name, code) => {
    await make({ name: "eve" });
    expect(codeOf(await make({ name }))).toBe(code);
  });

  it("is told all that is wrong with it at once", async () => {
    expect((await make({ name: "admin", password: "x", roles: ["viewer", "king"] })).body).toMatchObject({
      problems: [{ field: "name" }, { field: "password" }, { field: "roles[1]" }],
    });
  });

  it("that is deleted is let in by nothing, keeps its name from others, and comes back by a restore", async () => {
    await account("ann");
    const { token } = await session("ann");
    const { id } = await api.jobOf("succeeded");
    const seen = async () => (await api.call(`GET /api/v1/jobs/${id}`, { as: "ann" })).status;
    expect(await seen()).toBe(200);
    expect((await api.call("DELETE /api/v1/users/ANN", { as: "root" })).status).toBe(204);
    expect(codeOf(await by(token, "GET /api/v1/whoami"))).toBe("UNAUTHENTICATED");
    expect(await seen()).toBe(401);
    expect(codeOf(await make({ name: "Ann" }))).toBe("NAME_TAKEN");
    for (const change of ["lock", "unlock", "password"])
      expect(codeOf(await api.call(`POST /api/v1/users/ann/${change}`, { as: "root", body: {} }))).toBe(
        "USER_NOT_FOUND",
      );
    const unlock = { as: "root", body: { name: "ann", locked: false } } as const;
    expect(codeOf(await api.call("POST /api/v1/certificates/lock", unlock))).toBe("USER_NOT_FOUND");
    expect((await api.call("POST /api/v1/users/ann/restore", { as: "root" })).body).toMatchObject({
      deletedAt: null,
      locked: false,
    });
    const again = await session("ann");
    expect((await by(again.token, `GET /api/v1/jobs/${id}`)).status).toBe(200);
  });

  it("stays deleted whatever overlaps the deletion: no password, token or unlocking brings it back", async () => {
    await account("ann");
    const { passwords, accounts, store } = api.context;
    vi.spyOn(passwords, "hash").mockImplementationOnce(async (...text) => {
      expect((await api.call("DELETE /api/v1/users/ann", { as: "root" })).status).toBe(204);
      return await passwords.hash(...text);
    });
    const body = { password: `another ${secret}` };
    const set = await api.call("POST /api/v1/users/ann/password", { as: "root", body });
    expect([codeOf(set), accounts.find("ann")?.deletedAt]).toEqual(["USER_NOT_FOUND", expect.any(Number)]);
    const token = { as: "root", body: { user: "ann" } } as const;
    expect(codeOf(await api.call("POST /api/v1/tokens", token))).toBe("USER_NOT_FOUND");
    const unlock = { as: "root", body: { name: "ANN", locked: false } } as const;
    expect(codeOf(await api.call("POST /api/v1/certificates/lock", unlock))).toBe("USER_NOT_FOUND");
    await store.locks.unlock("ann");
    api.context.locks.set("ann", false);
    expect((await api.call("GET /api/v1/whoami", { as: "ann" })).status).toBe(401);
  });

  it("that was locked before it was deleted is locked when it is back", async () => {
    await account("ann");
    for (const change of ["POST /api/v1/users/ann/lock", "DELETE /api/v1/users/ann"])
      expect((await api.call(change, { as: "root" })).status).toBeLessThan(300);
    expect((await api.call("POST /api/v1/users/ann/restore", { as: "root" })).body).toMatchObject({
      deletedAt: null,
      locked: true,
    });
    expect((await api.call("POST /api/v1/users/ann/unlock", { as: "root" })).body).toMatchObject({
      locked: false,
    });
  });

  it("is locked and unlocked by its name however that is written", async () => {
    await account("ann");
    const lock = (name: string, locked: boolean) =>
      api.call("POST /api/v1/certificates/lock", { as: "root", body: { name, locked } });
    const { token } = await session("ann");
    const whoami = async () => (await by(token, "GET /api/v1/whoami")).status;
    expect([(await lock("ANN", true)).status, await whoami()]).toEqual([200, 403]);
    await api.context.store.locks.lock({ name: "Ann", lockedAt: 1 });
    expect([(await lock("aNN", false)).status, await whoami()]).toEqual([200, 200]);
    expect(await api.context.store.locks.list()).toEqual([]);
  });

  it("that is locked is let in by nothing, and what it has open ends", async () => {
    await account("ann");
    const { token } = await session("ann");
    const url = await api.listen();
    const { id } = await api.runningJob();
    const headers = { authorization: `Bearer ${token}` };
    const open = await fetch(`${url}/api/v1/jobs/${id}/output?follow=true`, { headers });
    const end = open.arrayBuffer().then(
      () => "ended",
      () => "cut",
    );
    expect((await api.call("POST /api/v1/users/ann/lock", { as: "root" })).body).toMatchObject({
      locked: true,
    });
    expect(await end).toBe("cut");
    expect(codeOf(await by(token, "GET /api/v1/jobs"))).toBe("FORBIDDEN");
    expect(await logIn("ann")).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
    expect((await logIn("ann", "wrong")).status).toBe(401);
    await api.call("POST /api/v1/users/ann/unlock", { as: "root" });
    expect((await by(token, "GET /api/v1/jobs")).status).toBe(200);
  });

  it.each([
    ["the session", (id: string) => api.call(`DELETE /api/v1/sessions/${id}`, { as: "root" })],
    ["the password", () => api.call("POST /api/v1/users/ann/password", { as: "root", body: {} })],
  ])("loses its streams with %s by which they came", async (_what, end) => {
    await account("ann");
    const { token, session: shown } = await session("ann");
    const url = await api.listen();
    const { id } = await api.runningJob();
    const headers = { authorization: `Bearer ${token}` };
    const open = await fetch(`${url}/api/v1/jobs/${id}/output?follow=true`, { headers });
    const seen = open.arrayBuffer().then(
      () => "ended",
      () => "cut",
    );
    expect((await end(shown.id)).status).toBeLessThan(300);
    expect(await seen).toBe("cut");
  });

  it("is listed by name, page by page, and shown with what it is known by elsewhere", async () => {
    for (const name of ["cid", "Bea", "ann"]) await make({ name });
    const page = (await api.call("GET /api/v1/users?limit=2", { as: "root" })).body as UserList;
    const rest = (await api.call(`GET /api/v1/users?cursor=${page.next}`, { as: "root" })).body as UserList;
    expect([...page.items, ...rest.items].map(({ name }) => name)).toEqual(["ann", "Bea", "cid"]);
    const own = (await api.call("GET /api/v1/users", { as: "ann" })).body as UserList;
    expect(own.items.map(({ name }) => name)).toEqual(["ann"]);
    const identity = { provider: "corp", subject: "S-1" };
    const link = (name: string, change = "link") =>
      api.call(`POST /api/v1/users/${name}/${change}`, { as: "root", body: identity });
    expect(((await link("ann")).body as UserDetails).identities).toEqual([identity]);
    expect(codeOf(await link("cid"))).toBe("NAME_TAKEN");
    expect(((await link("ann", "unlink")).body as UserDetails).identities).toEqual([]);
    const renamed = await api.call("PATCH /api/v1/users/ann", { as: "root", body: { display: "Ann Lee" } });
    expect(renamed.body).toMatchObject({ name: "ann", display: "Ann Lee" });
  });

  it("loses its logins by a provider, and what that said of it, with what it is known by there", async () => {
    await account("eve");
    const { store, signIn, groups } = api.context;
    const proven = { subject: "S-7", name: "eve", display: null, groups: ["lab"] };
    await expect(signIn.accountOf("corp", proven)).rejects.toMatchObject({ code: "IDENTITY_NOT_LINKED" });
    const identity = { provider: "corp", subject: "S-7" };
    await api.call("POST /api/v1/users/eve/link", { as: "root", body: identity });
    const eve = await signIn.accountOf("corp", proven);
    const { text } = await signIn.begin(eve, { provider: "corp", address: null, agent: null });
    const { token } = await session("eve");
    expect((await by(text, "GET /api/v1/whoami")).body).toMatchObject({ groups: ["lab"] });
    await store.groups.add({ group: "team", member: "eve", source: "local" });
    await api.call("POST /api/v1/users/eve/unlink", { as: "root", body: identity });
    expect((await by(text, "GET /api/v1/whoami")).status).toBe(401);
    expect((await by(token, "GET /api/v1/whoami")).status).toBe(200);
    expect(groups.of("eve")).toEqual(["team"]);
  });

  it("ABUSE 30: is who a provider knows by the same subject, whatever else has changed of it, and nobody else", async () => {
    const { signIn } = api.context;
    const person = { subject: "iss 7", name: "mia@example.com", display: null, groups: null };
    const mia = await signIn.accountOf("sso", person);
    expect(await signIn.accountOf("sso", { ...person, name: "mia.new@example.com" })).toEqual(mia);
    for (const other of [
      { ...person, subject: "iss 8" },
      { ...person, subject: "other 7", name: "MIA@example.com" },
    ])
      await expect(signIn.accountOf("sso", other)).rejects.toMatchObject({ code: "IDENTITY_NOT_LINKED" });
    await expect(signIn.accountOf("another", person)).rejects.toMatchObject({ code: "IDENTITY_NOT_LINKED" });
    for (const name of ["..", "a/b"])
      await expect(signIn.accountOf("sso", { ...person, subject: name, name })).rejects.toMatchObject({
        code: "IDENTITY_NOT_LINKED",
      });
  });

  it("loses its password, and its sessions with that", async () => {
    await account("eve");
    const { token } = await session("eve");
    const set = (body: object) => api.call("POST /api/v1/users/eve/password", { as: "root", body });
    expect((await set({ password: null })).body).toEqual({ password: null });
    expect((await by(token, "GET /api/v1/whoami")).status).toBe(401);
    expect((await logIn("eve")).status).toBe(401);
    const { password } = (await set({})).body as { password: string };
    expect((await session("eve", password)).mustChangePassword).toBe(true);
  });
});
