import type { Job } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { until } from "./support/until.ts";

/*
 * What a job prints of a secret that it was given is masked wherever output is read. The fake engine plays the job: what a
 * real one is given is held by local/secrets.test.ts.
 */

const VALUE = 'correct-horse/"battery"-stäple';
const MASK = "*".repeat(Buffer.byteLength(VALUE));

let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcessServer();
  await ask("POST /api/v1/secrets", { name: "db", values: { password: VALUE, user: "berth-user" } });
});
afterAll(() => server[Symbol.asyncDispose]());

async function ask(request: string, body?: object): Promise<{ status: number; text: string }> {
  const [method = "", path = ""] = request.split(" ");
  const answer = await server.api.request(path, { method, ...(body && { body: JSON.stringify(body) }) });
  return { status: answer.status, text: await answer.text() };
}

async function submitted(args: string[], more: object = {}): Promise<Job> {
  return server.api.submit({ command: "fake", args, secrets: [{ name: "db" }], ...more });
}

async function ended(args: string[], more: object = {}): Promise<Job> {
  return server.api.end((await submitted(args, more)).id);
}

const output = async (id: string, query = ""): Promise<string> =>
  (await ask(`GET /api/v1/jobs/${id}/output?stream=stdout${query}`)).text;

describe("ABUSE 16: what a job prints of its secrets", () => {
  it("is masked with offsets as they were, from any byte, and what is no secret is not", async () => {
    const { id } = await ended(["write=before ", "secret=password", "write= after ", "secret=user"]);
    const whole = `before ${MASK} after ${"*".repeat(10)}`;
    expect(await output(id)).toBe(whole);
    for (const offset of [1, 6, 7, 8, 20, 40, 55])
      expect(await output(id, `&offset=${offset}`)).toBe(whole.slice(offset));
  });

  it("is masked of the streams together, as events, as frames and in answers that carry it", async () => {
    const { id } = await ended(["secret=password", "print-err=err", "secret=password", "print="]);
    expect((await ask(`GET /api/v1/jobs/${id}/output?stream=all`)).text).toContain(MASK);
    for (const accept of ["text/event-stream", "application/x-ndjson", "application/vnd.berth.output"]) {
      const answer = await server.api.request(`/api/v1/jobs/${id}/output?stream=all`, {
        headers: { accept },
      });
      const text = Buffer.from(await answer.arrayBuffer()).toString("latin1");
      expect(text).not.toContain("correct-horse");
      expect(text).not.toContain(Buffer.from("correct-horse").toString("base64").slice(0, 16));
    }
    const shown = await ask(`GET /api/v1/jobs/${id}?wait=1s&include=output`);
    expect(shown.text).not.toContain("correct-horse");
  });

  it("is masked live, over the border of two writes, while nothing else waits for long", async () => {
    const [begun, rest] = [VALUE.slice(0, 10), VALUE.slice(10)];
    const script = [
      "write=one cor",
      "run-for=800ms",
      "write= two ",
      `write=${begun}`,
      "run-for=800ms",
      `write=${rest} three`,
    ];
    const { id } = await submitted(script);
    const answer = await server.api.request(`/api/v1/jobs/${id}/output?stream=stdout&follow=true`);
    expect(await answer.text()).toBe(`one cor two ${MASK} three`);
  });

  it("is masked in its result before that is stored, and nothing is taken that is no JSON then", async () => {
    const value = JSON.stringify(VALUE).slice(1, -1);
    const good = await ended(["print=^JSON", `print={"password":"${value}","n":1.50}`, "print=^JSON"]);
    expect((await ask(`GET /api/v1/jobs/${good.id}/result`)).text).toBe(
      `{"password":"${"*".repeat(Buffer.byteLength(value))}","n":1.50}`,
    );
    await ask("POST /api/v1/secrets", { name: "number", values: { pin: "12345678" } });
    const bad = await ended(["print=^JSON", "print=[12345678]", "print=^JSON"], {
      secrets: [{ name: "number" }],
    });
    expect(bad.result ?? null).toBeNull();
    expect(JSON.stringify(bad.cause)).toContain("The result, without the secrets in it, is not taken");
    expect(JSON.stringify({ ...bad, spec: null })).not.toContain("12345678");
  });

  it("stays masked when the secret has another value, or is gone, for as long as the output is there", async () => {
    await ask("POST /api/v1/secrets", { name: "once", values: { key: "first-value" } });
    const { id } = await ended(["secret=key"], { secrets: [{ name: "once" }] });
    await ask("PATCH /api/v1/secrets/once", { values: { key: "second-value" } });
    const other = await ended(["secret=key"], { secrets: [{ name: "once" }] });
    expect([await output(id), await output(other.id)]).toEqual(["*".repeat(11), "*".repeat(12)]);
    expect((await ask("DELETE /api/v1/secrets/once")).status).toBe(204);
    expect([await output(id), await output(other.id)]).toEqual(["*".repeat(11), "*".repeat(12)]);
  });
});

describe("a job with secrets", () => {
  it("shows their names and never what they hold, and keeps them from being deleted", async () => {
    const { id } = await submitted(["hang"], {
      secrets: [{ name: "db", keys: ["user"], env: { PASS: "password" } }],
    });
    await until(async () => (await server.api.job(id)).state === "running", { what: "the job to run" });
    const shown = await ask(`GET /api/v1/jobs/${id}`);
    expect(JSON.parse(shown.text)).toMatchObject({
      spec: { secrets: [{ name: "db", keys: ["user"], env: { PASS: "password" } }] },
    });
    expect(shown.text).not.toContain("correct-horse");
    const kept = await ask("DELETE /api/v1/secrets/db");
    expect([kept.status, kept.text.includes(id)]).toEqual([409, true]);
    await server.api.stop(id, "0s");
    await server.api.end(id);
  });

  it("gets variables where it asks for them alone", async () => {
    const { id } = await ended(["env"], { secrets: [{ name: "db", env: { PGPASSWORD: "password" } }] });
    expect(await output(id)).toContain(`PGPASSWORD=${MASK}\n`);
    const wrong = await ask("POST /api/v1/jobs", {
      command: "fake",
      args: ["secret=password"],
      secrets: [{ name: "db", env: { PATH: "password", LD_PRELOAD: "user", BERTH_X: "user" } }],
    });
    expect(wrong.status).toBe(400);
  });

  it.each([
    [{ name: "nowhere" }, 422, "SECRET_MISSING", "there is no secret"],
    [{ name: "db", keys: ["pin"] }, 400, "REQUEST_INVALID", "secrets[0].keys[0]"],
    [{ name: "db", env: { A: "pin" } }, 400, "REQUEST_INVALID", "secrets[0].env.A"],
  ])("is refused where it names what is not there: %j", async (use, status, code, why) => {
    const answer = await ask("POST /api/v1/jobs", { command: "true", secrets: [use] });
    expect([answer.status, (JSON.parse(answer.text) as { code: string }).code]).toEqual([status, code]);
    expect(answer.text).toContain(why);
  });
});
