import { createHash } from "node:crypto";
import { type Dirent, readdirSync, readFileSync } from "node:fs";
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
  return namesIn(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return holders(path);
    return entry.isFile() && shows(path) ? [path] : [];
  });
}

function namesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // Jobs end, and their folders go, while they are looked through.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
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
    // The process has ended, or is the kernel's own; the file is gone.
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

describe.skipIf(missing !== null)("ABUSE 32: the value of a secret", () => {
  const bench = openServerBench("local");
  afterAll(() => bench[Symbol.asyncDispose]());
  const dataDir = join(bench.root, "data");
  const everywhere = (): string[] => [...holders(dataDir), ...holders(placesOf(dataDir).run), ...tellers()];

  it("is nowhere while a job has it, nor in what is stored and told of it after, and was there to be found", async () => {
    await using server = await bench.start({ env: { BERTH_LOG_LEVEL: "debug" } });
    await ask(server.api, "POST /api/v1/secrets", { name: "db", values: { password: VALUE } });
    // What it says last, it says when its file is written.
    const script = `printf '{"p":"%s"}' "$(cat /etc/secret/password)" >result.json; sha256sum </etc/secret/password; sleep 1000 & wait`;
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

  /* Only a job with secrets comes to these steps: the one by which a server tries itself at its start does not. */
  it.each([
    { step: "secrets-asked-for", when: "was asked for it" },
    { step: "secrets-given", when: "had given it away" },
  ])("is given to a job whose server was killed when it $when, and left behind nowhere", async ({ step }) => {
    const dying = await bench.start({ crashAt: step });
    // Its answer is cut off where the server is gone before it.
    await dying.api.submit({ ...spec("sha256sum </etc/secret/password"), name: step }).catch(() => undefined);
    expect((await dying.exit()).signal).toBe("SIGKILL");
    expect(everywhere()).toEqual([]);
    await using server = await bench.start();
    const found = (await server.api.jobs()).find(({ name }) => name === step);
    const job = await server.api.end(found?.id ?? "");
    expect([job.state, (await server.api.output(job.id)).slice(0, 64)]).toEqual(["succeeded", hash]);
    await bench.untilCleanedUp(job.id);
    expect(everywhere()).toEqual([]);
  });
});
