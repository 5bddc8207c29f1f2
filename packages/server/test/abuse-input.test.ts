import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

async function keepArtifact(id: string, name: string): Promise<void> {
  const { artifacts } = api.context;
  writeFileSync(join(await artifacts.prepare(id), name), `content of ${name}`);
  const items = [{ path: name, size: 10 + name.length, modifiedAt: new Date().toISOString() }];
  await artifacts.save(id, { items, skipped: [] }, { heldBytes: 1 });
}

const submit = (body: unknown) => api.call("POST /api/v1/jobs", { body });
const fieldsOf = (body: unknown): string[] =>
  ((body as { problems?: { field: string }[] }).problems ?? []).map(({ field }) => field);
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("a job's spec", () => {
  it.each<[string, unknown, string[]]>([
    ["a variable with = in its name", { env: { "A=B": "x" } }, ['env["A=B"]']],
    ["a variable with a line break in its name", { env: { "A\nB": "x" } }, ['env["A\\nB"]']],
    ["a variable with no name", { env: { "": "x" } }, ['env[""]']],
    ["a variable with NUL in its value", { env: { A: "x\0y" } }, ["env.A"]],
    [
      "1 MB of environment",
      { env: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`V${n}`, "x".repeat(95_000)])) },
      ["env"],
    ],
    ["half a process", { resources: { pids: 1.5 } }, ["resources.pids"]],
    ["more processes than numbers hold", { resources: { pids: 2 ** 52 } }, ["resources.pids"]],
    ["no number of cores", { resources: { cpu: "1e999" } }, ["resources.cpu"]],
    ["a disk on which nothing fits", { resources: { disk: 256 } }, ["resources.disk"]],
    ["cores below nothing", { resources: { cpu: "-1" } }, ["resources.cpu"]],
    ["a size beyond 2^53", { resources: { memory: "99999999999999999999Gi" } }, ["resources.memory"]],
    ["a time beyond 2^53", { timeouts: { run: "999999999999999999d" } }, ["timeouts.run"]],
    ["a name that climbs", { name: "../admin" }, ["name"]],
    ["a name in another script's letters", { name: "аdmin" }, ["name"]],
    ["a label's name with a path", { labels: { "../x": "y" } }, ['labels["../x"]']],
    ["a pattern that climbs", { collect: ["../**"] }, ["collect[0]"]],
    ["a result outside", { resultFile: "/etc/shadow" }, ["resultFile"]],
    ["a constructor", { constructor: "x" }, ["constructor"]],
  ])("ABUSE 26: %s is refused by the field's name", async (_name, part, fields) => {
    const answer = await submit({ command: "true", ...(part as object) });
    expect(answer).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
    expect(fieldsOf(answer.body)).toEqual(fields);
  });

  it.each([
    ["10,000 lists within each other", `{"command":"true","args":${nested(10_000)}}`],
    ["another prototype", '{"command":"true","__proto__":{"admin":true}}'],
    ["a variable called __proto__", '{"command":"true","env":{"__proto__":"a"}}'],
    ["a number that no number holds", '{"command":"true","resources":{"pids":1e999}}'],
    ["what is no number", '{"command":"true","resources":{"pids":NaN}}'],
    ["a comment", '{"command":"true" /* hello */}'],
    ["half of a text", '{"command":"tr'],
    ["a list", "[]"],
    ["nothing", ""],
  ])("ABUSE 26: %s is refused, and says where", async (_name, text) => {
    const answer = await submit(text);
    expect(answer).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
    expect((answer.body as { message: string }).message).not.toMatch(/internal|undefined|stack/i);
  });

  it("ABUSE 26: keeps a key named like a property of every object as a key", async () => {
    const text = '{"command":"true","env":{"constructor":"b","toString":"c"}}';
    const answer = await submit(text);
    expect(answer.status).toBe(201);
    const { spec } = answer.body as { spec: { env: object } };
    expect(spec.env).toEqual({ constructor: "b", toString: "c" });
  });

  it("ABUSE 26: keeps values with line breaks, quotes and letters of any script as they are", async () => {
    const env = { LINES: "a\nb\r\n", QUOTES: `"'\\$(id)`, LETTERS: "日本 \u202e é" };
    const answer = await submit({ command: "true", env });
    expect(answer).toMatchObject({ status: 201, body: { spec: { env } } });
  });

  it("ABUSE 26: half of a character is refused where it stands", async () => {
    const answer = await submit(String.raw`{"command":"echo","args":["a","\ud800"]}`);
    expect([answer.status, fieldsOf(answer.body)]).toEqual([400, ["args[1]"]]);
  });

  it("ABUSE 26: a body of 25 MB is refused before it is read", async () => {
    const answer = await submit(Buffer.alloc(25 * 2 ** 20, 0x20));
    expect(answer).toMatchObject({ status: 413, body: { code: "BODY_TOO_LARGE" } });
  });

  it("ABUSE 26: names are matched in time that does not explode", async () => {
    const began = performance.now();
    const answer = await submit({
      command: "true",
      name: `${"a.".repeat(60)}!`,
      labels: { [`${"a".repeat(62)}!`]: "x" },
    });
    expect(answer.status).toBe(400);
    // A pattern that tries everything would take longer than the age of the host.
    expect(performance.now() - began).toBeLessThan(60_000);
  });
});

describe("ids, names and cursors", () => {
  it("ABUSE 27: a cursor with one character changed is refused", async () => {
    for (let n = 0; n < 3; n += 1) await api.jobOf("queued");
    const page = await api.call("GET /api/v1/jobs?limit=1");
    const { next } = page.body as { next: string };
    expect((await api.call(`GET /api/v1/jobs?limit=1&cursor=${next}`)).status).toBe(200);
    for (let at = 0; at < next.length; at += 1) {
      const other = next[at] === "A" ? "B" : "A";
      const changed = `${next.slice(0, at)}${other}${next.slice(at + 1)}`;
      const answer = await api.call(`GET /api/v1/jobs?limit=1&cursor=${changed}`);
      expect([changed, answer.status]).toEqual([changed, 400]);
      expect(answer.body).toMatchObject({ code: "CURSOR_INVALID" });
    }
  });

  it("ABUSE 27: a cursor of somebody else shows one's own jobs only", async () => {
    await api.jobOf("queued", { owner: "bob" });
    const { next } = (await api.call("GET /api/v1/jobs?limit=1")).body as { next: string };
    const page = await api.call(`GET /api/v1/jobs?cursor=${next}`, { as: "bob" });
    const { items } = page.body as { items: { owner: string }[] };
    expect(new Set(items.map(({ owner }) => owner)).has("ann")).toBe(false);
  });

  it.each([
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "....//etc/passwd",
    "a%00b",
    "%c0%ae%c0%ae/x",
    "a%00",
    "a/",
    "x%2f..%2fa",
    "..%2fOTHERS%2fof-bob",
    "%2e%2e%2fOTHERS.json",
    "OTHERS/of-bob",
  ])("ABUSE 27: an artifact's path %s leads nowhere", async (path) => {
    const { id } = await api.jobOf("succeeded");
    await keepArtifact(id, "a");
    const others = await api.jobOf("succeeded", { owner: "bob" });
    await keepArtifact(others.id, "of-bob");
    expect((await api.call(`GET /api/v1/jobs/${id}/artifacts/a`)).status).toBe(200);
    const answer = await api.call(`GET /api/v1/jobs/${id}/artifacts/${path.replace("OTHERS", others.id)}`);
    expect([400, 404]).toContain(answer.status);
    expect(JSON.stringify(answer.body)).not.toMatch(/content of|root:/);
  });
});
