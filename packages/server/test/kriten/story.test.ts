import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gitPassword, gitUser, startGitServer } from "../support/git-server.ts";
import { created, error, kriten, text, unixDate } from "../support/kriten-rows.ts";
import { startLocalServer } from "../support/local-server.ts";

/** What a script in a repository is told, and tells. */
const report = `
echo "working for $EXTRA_VARS"
echo "^JSON"
printf '{"given": %s, "file": "%s", "same": %s}\\n' "$EXTRA_VARS" "$(wc -c < /etc/secret/api_key)" \\
  "$([ "$api_key" = "$(cat /etc/secret/api_key)" ] && echo true || echo false)"
echo "^JSON"
echo "and the secret is $api_key"
`;

const git = await startGitServer();
const server = await startLocalServer("the story of Kriten's clients", {
  BERTH_SOURCES_ALLOW: "127.0.0.0/8",
  BERTH_KRITEN_IMAGES: "ignore",
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await git[Symbol.asyncDispose]();
});

interface Answer {
  status: number;
  body: unknown;
}

/** Nothing but HTTP, and JSON under no name, as curl sends it. */
async function ask(headers: Record<string, string>, request: string, sent?: unknown): Promise<Answer> {
  const [method = "GET", path = ""] = request.split(" ");
  const body = sent === undefined ? null : JSON.stringify(sent);
  const answer = await fetch(`${server?.url}${kriten}${path}`, { method, headers, body });
  const said = await answer.text();
  everything.push(said);
  const isJson = answer.headers.get("content-type")?.startsWith("application/json");
  return { status: answer.status, body: isJson === true ? (JSON.parse(said) as unknown) : said };
}
const everything: string[] = [];

/** Logs in, and answers what that is shown by from then on. */
async function logIn(username: string, password: string): Promise<Record<string, string>> {
  const { status, body } = await ask({}, "POST /login", { username, password, provider: "local" });
  expect(status).toBe(200);
  return { authorization: `Bearer ${(body as { token: string }).token}` };
}

const given = "given-by-an-administrator";
const chosen = (name: string) => `chosen-by-${name}-alone`;

describe.skipIf(server === null)("K1, K2, K8: a script in a private repository, as an endpoint", () => {
  let root: Record<string, string>;
  let ann: Record<string, string>;
  let zed: Record<string, string>;
  let job = "";

  beforeAll(async () => {
    git.commit("private.git", { "report.sh": report });
    const token = readFileSync(join(server?.dataDir ?? "", "admin-token"), "utf8").trim();
    const admin = { authorization: `Bearer ${token}` };
    // The account that is always there makes no tokens: the people of a group do, who may do as much.
    await ask(admin, "POST /users", { username: "root", password: given, provider: "local" });
    await ask(admin, "POST /groups", { name: "Admin", provider: "local" });
    await ask(admin, "POST /groups/Admin/users", [{ name: "root", provider: "local" }]);
    const to = { subject_kind: "groups", subject_provider: "local", subject_name: "Admin" };
    await ask(admin, "POST /role_bindings", { name: "RootAdminAccess", role_name: "admin", ...to });
    const change = { current_password: given, new_password: chosen("root") };
    await ask(await logIn("root", given), "POST /change-password", change);
    const session = await logIn("root", chosen("root"));
    const { body } = await ask(session, "POST /api_tokens", { description: "the story" });
    root = { token: (body as { key: string }).key };
  });

  it("is defined by an administrator with a token", async () => {
    const gitURL = git.url("private.git").replace("://", `://${gitUser}@`);
    const runner = { name: "reports", image: "python:3.12", gitURL };
    const whole = { ...runner, token: gitPassword, secret: { api_key: "s3cret-value" } };
    expect(await ask(root, "POST /runners", whole)).toEqual({
      status: 200,
      body: { ...runner, branch: "main", token: "************", secret: { api_key: "************" } },
    });
    const schema = { type: "object", properties: { month: { type: "string" } }, required: ["month"] };
    const task = { name: "report", runner: "reports", command: "sh report.sh", synchronous: true, schema };
    expect((await ask(root, "POST /tasks", task)).status).toBe(200);
  });

  it("is given to a group, by a role that names it", async () => {
    for (const username of ["ann", "zed"])
      expect((await ask(root, "POST /users", { username, password: given, provider: "local" })).status).toBe(
        200,
      );
    await ask(root, "POST /groups", { name: "sales", provider: "local" });
    await ask(root, "POST /groups/sales/users", [{ name: "ann", provider: "local" }]);
    const role = { name: "reporters", resource: "jobs", resource_ids: ["report"], access: "write" };
    expect((await ask(root, "POST /roles", role)).status).toBe(200);
    const to = { subject_kind: "groups", subject_provider: "local", subject_name: "sales" };
    const binding = { name: "sales-report", role_name: "reporters", ...to };
    expect((await ask(root, "POST /role_bindings", binding)).status).toBe(200);
  });

  it("is run by nobody whose password somebody else has chosen", async () => {
    const first = await logIn("ann", given);
    expect((await ask(first, "POST /jobs/report", { month: "may" })).status).toBe(403);
    for (const name of ["ann", "zed"]) {
      const change = { current_password: given, new_password: chosen(name) };
      expect((await ask(await logIn(name, given), "POST /change-password", change)).status).toBe(200);
    }
    ann = await logIn("ann", chosen("ann"));
    zed = await logIn("zed", chosen("zed"));
  });

  it("answers whoever may run it with its result", async () => {
    const ran = await ask(ann, "POST /jobs/report", { month: "may" });
    expect(ran.status).toBe(200);
    // Of a host that takes longer than the task waits for, the answer is a promise.
    job = (ran.body as { id: string }).id;
    const shown = async () => (await ask(ann, `GET /jobs/${job}`)).body;
    await expect.poll(shown).toMatchObject({ completed: 1 });
    expect(await shown()).toEqual({
      id: text(/^report-[a-z0-9]{5}$/),
      owner: "ann",
      start_time: unixDate,
      completion_time: unixDate,
      failed: 0,
      completed: 1,
      stdout: expect.stringContaining('working for {"month":"may"}') as unknown,
      json_data: { given: { month: "may" }, file: "12", same: true },
    });
    const log = (await ask(ann, `GET /jobs/${job}/log`)).body as string;
    expect(log).toMatch(/^\n\n## init container logs\n[^]*\n\n##application container logs \nworking for/);
    expect((await ask(ann, "GET /jobs")).body).toMatchObject([{ id: job }]);
  });

  it("says what does not fit, and runs nothing then", async () => {
    const refused = await ask(ann, "POST /jobs/report", { week: 1 });
    expect(refused).toEqual({ status: 500, body: error(expect.stringContaining("month is missing")) });
    expect((await ask(ann, "GET /jobs")).body).toHaveLength(1);
  });

  it("shows its runner, its secrets and its jobs to nobody who has no right to them", async () => {
    expect((await ask(ann, "GET /runners/reports")).status).toBe(403);
    expect((await ask(ann, "GET /runners/reports/secret")).status).toBe(403);
    expect(await ask(zed, "POST /jobs/report", { month: "may" })).toMatchObject({ status: 403 });
    expect([403, 500]).toContain((await ask(zed, `GET /jobs/${job}`)).status);
    expect((await ask(root, `GET /jobs/${job}`)).body).toMatchObject({ owner: "ann" });
  });

  it("lists nothing for somebody whom it was not given to", async () => {
    for (const list of ["/jobs", "/runners", "/tasks", "/groups", "/role_bindings"]) {
      const { status, body } = await ask(zed, `GET ${list}`);
      expect([list, status, body]).toEqual([list, 200, []]);
    }
    expect(await ask(zed, `GET /jobs/${job}/log`)).toEqual(await ask(zed, "GET /jobs/report-zzzzz/log"));
  });

  it("tells whoever ran it that there is no such branch", async () => {
    const gitURL = git.url("private.git").replace("://", `://${gitUser}@`);
    const runner = { name: "lost", image: "python:3.12", gitURL, branch: "nowhere", token: gitPassword };
    await ask(root, "POST /runners", runner);
    await ask(root, "POST /tasks", { name: "lost", runner: "lost", command: "true" });
    const { body } = await ask(root, "POST /jobs/lost");
    expect(body).toEqual(created("lost"));
    const { id } = body as { id: string };
    const ended = async () => (await ask(root, `GET /jobs/${id}`)).status;
    await expect.poll(ended).toBe(500);
    expect((await ask(root, `GET /jobs/${id}`)).body).toEqual({
      error: "failed to clone repo: wrong repo url or incorrect credentials.",
      reason: expect.stringContaining("no such branch") as unknown,
    });
  });

  it("has told nobody what is to be kept", () => {
    expect(everything.length).toBeGreaterThan(20);
    for (const secret of [gitPassword, "s3cret-value"])
      expect(everything.filter((said) => said.includes(secret))).toEqual([]);
  });
});
