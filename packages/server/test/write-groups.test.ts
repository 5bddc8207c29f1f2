import { type Operation, operations, type TokenList } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { givenRoles } from "../src/auth/roles.ts";
import { isWrite } from "../src/auth/policy/write-groups.ts";
import { newId } from "../src/lib/ids.ts";
import { ApiBench } from "./support/api-bench.ts";
import { sampleSession } from "./support/sample-session.ts";

let api: ApiBench;
const life = { idleMs: 3_600_000, wholeMs: 3_600_000, turnMs: 900_000 };
async function open(writeGroups: readonly string[] | null, publicRead = false): Promise<void> {
  const access = { sessions: life, writeGroups, publicRead };
  api = await ApiBench.open(undefined, { publicRead }, { access });
}
afterEach(() => api[Symbol.asyncDispose]());

const contract = Object.entries(operations) as [string, Operation][];
const body = {};
const fill = (path: string): string =>
  path
    .replace(/\{(id|binding|token|session)\}/g, "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7")
    .replace(/\{\w+\}|\*/g, "a");

it("takes for a change what every method but GET asks for, beside what one does with one's own login", async () => {
  await open(null);
  for (const [name, { method, permission }] of contract) {
    if (permission === null || permission.resource === "access") continue;
    expect([name, isWrite(permission)]).toEqual([name, method !== "GET"]);
  }
});

describe("a group of writers", () => {
  beforeEach(() => open(["Writers", "Überall"]));

  /** Before the groups hold, somebody has to make them: as whoever runs the server does, by taking the setting back. */
  async function join(group: string, member: string): Promise<void> {
    const { store, groups } = api.context;
    await store.groups.replace(member, "local", [group]);
    await groups.reload(() => store.groups.memberships());
  }

  it("is who alone changes anything; everybody reads as before", async () => {
    for (const as of ["root", "ann"] as const) {
      for (const [name, { method, path, permission }] of contract) {
        if (permission === null || permission.resource === "access") continue;
        const answer = await api.call(`${method} ${fill(path)}`, {
          as,
          body: method === "GET" ? undefined : body,
        });
        const isByGroup = answer.status === 403 && answer.text.includes("BERTH_WRITE_GROUPS");
        // What is not there is nobody's, and would be refused if it were another's.
        const isOwnOnly = name === "deleteSession" || name === "deleteToken";
        expect([name, as, isByGroup]).toEqual([name, as, method !== "GET" && !isOwnOnly]);
      }
      expect((await api.call("GET /api/v1/whoami", { as })).status).toBe(200);
    }
  });

  it.each(["writers", "überall"])("%s lets its members, by the roles that they have", async (group) => {
    await join(group, "ann");
    const job = { command: "true" };
    expect((await api.call("POST /api/v1/jobs", { as: "ann", body: job })).status).toBe(201);
    expect((await api.call("POST /api/v1/jobs", { as: "bob", body: job })).status).toBe(403);
    expect((await api.call("POST /api/v1/users", { as: "ann", body: { name: "eve" } })).status).toBe(403);
  });

  it("keeps nobody from ending what is his own of sessions and tokens, and nobody else's", async () => {
    const { store, roles } = api.context;
    await store.bindings.insert({ id: newId(), role: "admin", kind: "user", subject: "ann", createdAt: 1 });
    await roles.reload(() => givenRoles(store));
    const { items } = (await api.call("GET /api/v1/tokens", { as: "root" })).body as TokenList;
    const tokenOf = (name: string): string => items.find(({ user }) => user === name)?.id ?? "";
    for (const as of ["root", "ann"] as const) {
      const session = sampleSession({ principal: as });
      await store.sessions.insert(session, { usedBefore: 0, of: null });
      const end = async (what: string): Promise<number> =>
        (await api.call(`DELETE /api/v1/${what}`, { as })).status;
      expect(await end(`tokens/${tokenOf("bob")}`)).toBe(403);
      expect([await end(`sessions/${session.id}`), await end(`tokens/${tokenOf(as)}`)]).toEqual([204, 204]);
    }
  });

  it("is what `access explain` tells of, as a lock is", async () => {
    await join("writers", "bob");
    const { locks } = api.context;
    const ask = async (question: string): Promise<unknown> =>
      (await api.call(`GET /api/v1/access/explain?${question}`, { as: "root" })).body;
    const create = "verb=create&resource=jobs";
    const outside = {
      allowed: false,
      because: [],
      missing: expect.stringContaining("BERTH_WRITE_GROUPS") as string,
    };
    expect(await ask(create)).toEqual(outside);
    expect(await ask(`${create}&principal=ann`)).toEqual(outside);
    expect(await ask("verb=delete&resource=tokens&owner=ann")).toEqual(outside);
    expect(await ask("verb=delete&resource=tokens&owner=root")).toMatchObject({ allowed: true });
    expect(await ask("verb=read&resource=jobs")).toMatchObject({ allowed: true });
    expect(await ask(`${create}&principal=bob`)).toMatchObject({ allowed: true });
    locks.set("bob", true);
    const locked = { allowed: false, because: [], missing: '"bob" is locked' };
    expect(await ask("verb=read&resource=jobs&principal=bob")).toEqual(locked);
  });

  it.each(["write", "writers2", "writer s"])("is met whole, and not by %j", async (group) => {
    await join(group, "ann");
    expect((await api.call("POST /api/v1/jobs", { as: "ann", body: { command: "true" } })).status).toBe(403);
  });
});

it("with no group lets nobody change anything, the administrator neither, and lets people in and out", async () => {
  await open([]);
  const refused = await api.call("POST /api/v1/jobs", { as: "root", body: { command: "true" } });
  expect(refused.status).toBe(403);
  expect(refused.text).toContain("BERTH_WRITE_GROUPS names no group");
  const login = await api.call("POST /api/v1/login", {
    as: null,
    body: { name: "no", password: "body here" },
  });
  expect(login.status).toBe(401);
  expect((await api.call("POST /api/v1/logout", { as: "ann" })).text).not.toContain("BERTH_WRITE_GROUPS");
  expect((await api.call("GET /api/v1/jobs", { as: "root" })).status).toBe(200);
});

describe("who shows nothing", () => {
  const open_ = ["listEngines", "listNetworks", "getNetwork"];
  const asStranger = async (): Promise<string[]> => {
    const answered: string[] = [];
    for (const [name, { method, path, permission }] of contract) {
      if (permission === null) continue;
      const { status } = await api.call(`${method} ${fill(path)}`, {
        as: null,
        body: method === "GET" ? undefined : body,
      });
      if (status !== 401) answered.push(name);
    }
    return answered;
  };

  it("reads nothing", async () => {
    await open(null);
    expect(await asStranger()).toEqual([]);
  });

  it("reads what is nobody's where that is public, and nothing else, whatever is given to its name", async () => {
    await open(null, true);
    await api.jobOf("succeeded", { owner: "anonymous" });
    const body = { role: "admin", user: "anonymous" };
    expect((await api.call("POST /api/v1/bindings", { as: "root", body })).status).toBe(400);
    await api.context.store.bindings.insert({
      id: newId(),
      role: "admin",
      kind: "user",
      subject: "anonymous",
      createdAt: 1,
    });
    expect((await asStranger()).toSorted()).toEqual(open_.toSorted());
    expect((await api.call("GET /api/v1/engines", { as: null })).status).toBe(200);
    const wrong = { authorization: `Bearer berth_${"A".repeat(43)}` };
    expect((await api.call("GET /api/v1/engines", { as: null, headers: wrong })).status).toBe(401);
    expect((await api.call("GET /metrics", { as: null })).status).toBe(401);
  });
});
