import { createHash } from "node:crypto";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subject } from "./support/local-subject.ts";
import { type LocalServer, startLocalServer } from "./support/local-server.ts";
import { tempFolder } from "./support/temp-folder.ts";

/* Secrets that lie in files, as Kubernetes mounts and changes them, from their folder to a real job and its output. */

const missing = await subject.missing();
const first = "correct-horse-battery";
const second = "stapled-another-battery";

describe.skipIf(missing !== null)("a secret that is mounted as files", () => {
  const folder = tempFolder();
  const mounted = join(folder.path, "db");
  let server: LocalServer | null;
  beforeAll(async () => {
    mkdirSync(mounted);
    mount("..2026_01", first);
    symlinkSync("..data/password", join(mounted, "password"));
    server = await startLocalServer("mounted secrets", { BERTH_SECRETS_FOLDER: folder.path });
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  /** As the kubelet does: a new folder, and one link that changes. */
  function mount(at: string, password: string): void {
    mkdirSync(join(mounted, at));
    writeFileSync(join(mounted, at, "password"), password);
    symlinkSync(at, join(mounted, "..new"));
    renameSync(join(mounted, "..new"), join(mounted, "..data"));
  }

  const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
  const masked = (text: string): string => "*".repeat(text.length);
  const script =
    'sha256sum < /etc/secret/password | cut -c1-64; stat -c %a /etc/secret/password; cat /etc/secret/password; echo "$TOKEN" | cut -c1-4';
  const spec = { secrets: [{ name: "db", keys: ["password"], env: { TOKEN: "password" } }] };

  it("is given to a job as it is then, also after it was changed, and masked in the output of each", async () => {
    const before = await server?.run(script, spec);
    expect(before?.stdout).toBe(`${hashOf(first)}\n400\n${masked(first)}${first.slice(0, 4)}\n`);
    mount("..2026_02", second);
    rmSync(join(mounted, "..2026_01"), { recursive: true });
    const after = await server?.run(script, spec);
    expect(after?.stdout).toBe(`${hashOf(second)}\n400\n${masked(second)}${second.slice(0, 4)}\n`);
    // What the job of before printed is masked by what it was given.
    expect(await server?.api.output(before?.job.id ?? "")).toBe(before?.stdout);
  });

  it("leaves a record of who used it, which says nothing of what it holds", async () => {
    const answer = await server?.api.request("/api/v1/audit?resource=jobs&verb=create");
    const text = (await answer?.text()) ?? "";
    expect(text).toContain("db@");
    for (const value of [first, second]) expect(text).not.toContain(value);
  });

  it("is refused to a job once it is not there any more", async () => {
    rmSync(mounted, { recursive: true });
    const body = JSON.stringify({ command: "true", ...spec });
    const refused = await server?.api.request("/api/v1/jobs", { method: "POST", body });
    const text = (await refused?.text()) ?? "";
    expect([refused?.status, JSON.parse(text)]).toMatchObject([422, { code: "SECRET_MISSING" }]);
  });
});
