import { afterAll, beforeAll, expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "../../server/test/support/in-process-server.ts";
import { runBerth } from "./support/run-berth.ts";

let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcessServer({});
});
afterAll(() => server[Symbol.asyncDispose]());

const berth = (...argv: string[]) =>
  runBerth(argv, {
    env: { BERTH_URL: server.url, BERTH_TOKEN: server.api.authorization.slice("Bearer ".length) },
  });

it("gives a role, lists it, explains by it and takes it away again", async () => {
  const made = await berth("binding", "create", "viewer", "ann");
  const id = made.stdout.trim();
  expect([made.code, id]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36}$/) as string]);
  expect((await berth("binding", "list")).stdout).toMatch(new RegExp(`${id} +viewer +ann +2`));
  const asked = ["access", "explain", "read", "jobs", "--principal", "ann", "--owner", "bob"];
  const yes = await berth(...asked);
  expect([yes.code, yes.stdout]).toEqual([
    0,
    `allowed\n  role "viewer" on jobs (all), given to user "ann" by binding ${id}\n`,
  ]);
  expect(await berth("binding", "delete", id)).toMatchObject({ code: 0, stdout: `${id}\n` });
  const no = await berth(...asked);
  expect([no.code, no.stdout]).toEqual([119, 'denied: "ann" may do so to its own only\n']);
  expect((await berth("binding", "list")).stderr).toContain("no bindings");
  expect((await berth("binding", "delete", id)).code).toBe(120);
});

it("bounds a principal's jobs, lists that and takes it away again", async () => {
  expect((await berth("quota", "set", "ann", "--jobs", "8")).stdout).toBe("ann\n");
  expect((await berth("quota", "list")).stdout).toMatch(/ann +0 of 8 +no bound/);
  const asked = ["--jobs-per-hour", "9", "--cpu", "1500m", "--memory", "8Gi", "--stored", "1GiB", "--json"];
  expect(JSON.parse((await berth("quota", "set", "lab", "--group", ...asked)).stdout)).toMatchObject({
    user: null,
    group: "lab",
    jobs: null,
    jobsPerHour: 9,
    cpu: 1.5,
    memory: 8 * 2 ** 30,
    storedBytes: 2 ** 30,
  });
  expect((await berth("quota", "get", "lab", "--group")).stdout).toMatch(
    /group lab +no bound +0 of 9 +0 of 1.5 +0 B of 8 GiB +0 B of 1 GiB/,
  );
  expect((await berth("quota", "get", "lab")).code).toBe(120);
  expect((await berth("quota", "delete", "lab", "--group")).stdout).toBe("lab\n");
  expect((await berth("quota", "delete", "ann")).stdout).toBe("ann\n");
  expect((await berth("quota", "delete", "ann")).code).toBe(120);
  expect((await berth("quota", "list")).stderr).toContain("no quotas");
});

it("says who one is, and lists the roles, as text and as JSON", async () => {
  expect((await berth("whoami")).stdout).toMatch(/^admin \(admin\), by token [0-9a-f-]{36}\n$/);
  expect(JSON.parse((await berth("whoami", "--json")).stdout)).toMatchObject({ name: "admin", door: "rest" });
  expect((await berth("role", "list")).stdout).toMatch(/^viewer +jobs +all +read,list$/m);
  expect(JSON.parse((await berth("role", "list", "--json")).stdout)).toHaveLength(7);
});

it("makes a token, which lets its principal in, lists it and revokes it", async () => {
  const made = await berth("token", "create", "eve", "--ttl", "1h", "--label", "laptop");
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining("not shown again") as string]);
  const asEve = (...argv: string[]) =>
    runBerth(argv, { env: { BERTH_URL: server.url, BERTH_TOKEN: made.stdout.trim() } });
  const who = JSON.parse((await asEve("whoami", "--json")).stdout) as {
    name: string;
    credential: { id: string };
  };
  expect(who.name).toBe("eve");
  expect((await berth("token", "list", "eve")).stdout).toMatch(
    new RegExp(`${who.credential.id} +eve +laptop`),
  );
  expect(await asEve("token", "create", "mallory")).toMatchObject({ code: 119 });
  expect(await asEve("token", "revoke", who.credential.id)).toMatchObject({ code: 0 });
  expect((await asEve("whoami")).code).toBe(119);
  expect((await berth("token", "list", "eve")).stderr).toContain("no tokens");
  expect(JSON.parse((await berth("token", "list", "--json")).stdout)).toMatchObject([
    { user: "admin", expiresAt: null },
  ]);
});

it.each([
  [["token", "create"], "there is no name"],
  [["token", "revoke"], "there is no id"],
  [["token", "eat"], "eat"],
  [["quota", "set"], "name a principal"],
  [["quota", "set", "ann", "--jobs", "many"], "it is not a whole number"],
  [["quota", "eat"], "eat"],
  [["binding", "create", "viewer"], "name the role and one principal"],
  [["binding", "create", "viewer", "ann", "bob"], "name the role and one principal"],
  [["binding", "delete"], "name one binding"],
  [["binding", "eat"], "eat"],
  [["access", "explain", "", "jobs"], "a word is empty"],
])("refuses %j", async (argv, said) => {
  const { code, stderr } = await berth(...argv);
  expect([code, stderr]).toEqual([118, expect.stringContaining(said) as string]);
});

it("tells what the server says of words that it does not know", async () => {
  const { code, stderr } = await berth("access", "explain", "eat", "jobs");
  expect([code, stderr]).toEqual([118, expect.stringContaining("verb") as string]);
});
