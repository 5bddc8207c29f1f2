import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import type { ApiClient } from "../support/api-client.ts";
import { pids } from "../support/leftovers.ts";
import { subject } from "../support/local-subject.ts";
import { openServerBench } from "../support/server-bench.ts";
import { until } from "../support/until.ts";

/* That a value is nowhere but sealed in the database and in the memory of the job that was given it. */

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: where secrets are, because ${missing}`);

const VALUE = "correct-horse-battery-staple";
const forms = [VALUE, Buffer.from(VALUE).toString("base64").slice(0, -4), Buffer.from(VALUE).toString("hex")];
const hash = createHash("sha256").update(VALUE).digest("hex");

/** Every file below it that holds the value in one of its forms. */
function holders(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
    const path = join(folder, name);
    if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    const bytes = readFileSync(path);
    return forms.some((form) => bytes.includes(form));
  });
}

/** Processes of the host whose arguments or environment show the value. */
function tellers(): string[] {
  return pids().flatMap((pid) =>
    ["environ", "cmdline"].filter((name) => shows(`/proc/${pid}/${name}`)).map((name) => `${pid} ${name}`),
  );
}

function shows(path: string): boolean {
  try {
    const bytes = readFileSync(path);
    return forms.some((form) => bytes.includes(form));
  } catch {
    // It has ended, or is the kernel's own.
    return false;
  }
}

async function ask(api: ApiClient, request: string, body?: object): Promise<string> {
  const [method = "", path = ""] = request.split(" ");
  return (await api.request(path, { method, ...(body && { body: JSON.stringify(body) }) })).text();
}

const spec = (script: string) => ({
  command: "sh",
  args: ["-c", script],
  secrets: [{ name: "db" }],
  resultFile: "result.json",
});

describe.skipIf(missing !== null)("the value of a secret", () => {
  const bench = openServerBench("local");
  afterAll(() => bench[Symbol.asyncDispose](), 120_000);
  const dataDir = join(bench.root, "data");
  const everywhere = (): string[] => [...holders(dataDir), ...holders(placesOf(dataDir).run), ...tellers()];

  it("is nowhere while a job has it, nor in what is stored and told of it after, and was there to be found", async () => {
    await using server = await bench.start({ env: { BERTH_LOG_LEVEL: "debug" } });
    await ask(server.api, "POST /api/v1/secrets", { name: "db", values: { password: VALUE } });
    const script = `sha256sum </etc/secret/password; printf '{"p":"%s"}' "$(cat /etc/secret/password)" >result.json; sleep 1000 & wait`;
    const { id } = await server.api.submit(spec(script));
    await until(async () => (await server.api.output(id)).startsWith(hash), {
      what: "what the job was given",
    });
    // The job's own folder is where it has put it.
    expect(everywhere().filter((name) => !name.endsWith("/result.json"))).toEqual([]);
    expect(everywhere().length).toBe(1);
    await server.api.stop(id, "0s");
    const job = await server.api.end(id);
    await bench.untilCleanedUp(id);
    expect(everywhere()).toEqual([]);
    const told = [
      JSON.stringify(job),
      await ask(server.api, `GET /api/v1/jobs/${id}/events`),
      await ask(server.api, "GET /api/v1/jobs?limit=10"),
      await ask(server.api, `GET /api/v1/jobs/${id}/result`),
      await ask(server.api, "GET /api/v1/secrets/db"),
      server.printed.join("\n"),
      ...server.log,
    ].join("\n");
    expect(told).toContain("*".repeat(VALUE.length));
    for (const form of forms) expect(told).not.toContain(form);
  });

  it("is given to a job whose server was killed as it handed it over, and left behind nowhere", async () => {
    const dying = await bench.start({ crashAt: "local-sent" });
    // Its answer is cut off where the server is gone before it.
    await dying.api.submit(spec("sha256sum </etc/secret/password")).catch(() => undefined);
    await dying.exit();
    expect(everywhere()).toEqual([]);
    await using server = await bench.start();
    const [newest] = await server.api.jobs();
    const job = await server.api.end(newest?.id ?? "");
    expect([job.state, (await server.api.output(job.id)).slice(0, 64)]).toEqual(["succeeded", hash]);
    await bench.untilCleanedUp(job.id);
    expect(everywhere()).toEqual([]);
  });
});
