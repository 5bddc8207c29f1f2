import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JobSpecInput, Upload } from "@berth/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { startLocalServer } from "./support/local-server.ts";
import { tempFolder } from "./support/temp-folder.ts";

const started = await startLocalServer("what archives become in a sandbox");
const folder = tempFolder();
afterAll(async () => {
  await started?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const server = () => {
  if (started === null) throw new Error("Cannot run jobs: there is no server");
  return started;
};

async function send(bytes: Uint8Array): Promise<Upload> {
  const { url, api } = server();
  const answer = await fetch(`${url}/api/v1/uploads`, {
    method: "POST",
    headers: { authorization: api.authorization, "content-type": "application/octet-stream" },
    body: Buffer.from(bytes),
  });
  return (await answer.json()) as Upload;
}

type Archive = NonNullable<JobSpecInput["archive"]>;

async function unpacked(name: string, archive: Partial<Archive> = {}, spec: Partial<JobSpecInput> = {}) {
  const { sha256: upload } = await send(readFileSync(join(folder.path, name)));
  const format = name.slice(name.indexOf(".") + 1) as Archive["format"];
  const { command = "sh", args = ["-c", "find . -printf '%P '; sh */hello.sh"] } = spec;
  return server().run({ command, args, ...spec, archive: { upload, format, ...archive } });
}

describe.skipIf(started === null)("an archive", () => {
  execFileSync("/usr/bin/python3", [
    new URL("./support/hostile-archives.py", import.meta.url).pathname,
    folder.path,
  ]);

  it.each(["good.tar", "good.tar.gz", "good.tar.zst", "good.zip"])(
    "%s is in /work before the command starts",
    async (name) => {
      const { job, stdout } = await unpacked(name);
      expect(job).toMatchObject({ state: "succeeded" });
      expect(stdout).toMatch(/top\/hello.sh.*hello\n$/s);
      expect(stdout).toContain("top/link");
      expect(job.stages?.map(({ kind, state }) => [kind, state])).toEqual([
        ["unpack", "succeeded"],
        ["command", "succeeded"],
      ]);
    },
  );

  it("may hold links that lead anywhere: they lead there from inside the sandbox", async () => {
    const look = ["-c", "cat secret >/dev/null 2>&1 || echo closed; readlink self; ls root/work | wc -l"];
    const { job, stdout } = await unpacked("links.tar", {}, { args: look });
    expect([job.cause?.message, stdout]).toEqual(["Exited with code 0", "closed\nself\n3\n"]);
  });

  it("comes before the folder that the command starts in, which is made where it is not in it", async () => {
    const { stdout } = await unpacked(
      "good.tar",
      {},
      { args: ["-c", "pwd; ls .."], workdir: "/work/made/here" },
    );
    expect(stdout).toBe("/work/made/here\nhere\n");
  });

  it("leaves out folders, goes into a folder, and leaves the job's own input files as they are", async () => {
    // Large enough to be read in a thread.
    const files = { "in/hello.sh": "echo mine", large: "x".repeat(2 ** 20) };
    const { job, stdout } = await unpacked("good.tar", { strip: 1, into: "in" }, { files });
    expect(job.cause?.message).toBe("Exited with code 0");
    expect(stdout).toMatch(/in\/link.*mine\n$/s);
  });

  it.each([
    ["dots.tar", /leads out of the folder/],
    ["absolute.tar", /leads out of the folder/],
    ["through.tar", /Not a directory/],
    ["hard.tar", /leads out of the folder/],
    ["device.tar", /Operation not permitted/],
    ["dotted.tar", /Not a directory|Cannot open/],
    ["crossed.tar", /Not a directory|Cannot open|Cannot mkdir|File exists/],
    ["cut.tar", /Unexpected EOF/],
    ["cut.tar.gz", /unexpected end of file/],
    ["cut.tar.zst", /premature end|unsupported format|Read error|truncated/i],
    ["no.tar", /does not look like a tar archive/],
    ["no.tar.zst", /unsupported format/],
    ["dots.zip", /holds '\.\.'/],
    ["absolute.zip", /leads out of the folder/],
    ["through.zip", /both a link and a folder/],
    ["cut.zip", /not a zip file/],
    ["pax-path.tar", /leads out of the folder/],
    ["pax-absolute.tar", /leads out of the folder/],
    ["pax-size.tar", /Unexpected EOF/],
    ["false-size.tar", /Unexpected EOF/],
  ])("ABUSE 12: %s ends with what is wrong with it", async (name, why) => {
    const { job, stdout } = await unpacked(name);
    expect(job).toMatchObject({
      state: "failed",
      cause: {
        code: "source_failed",
        message: expect.stringMatching(why) as string,
        evidence: { stage: "unpack" },
      },
      startedAt: null,
    });
    expect(stdout).toBe("");
  });

  it.each(["bomb.tar.gz", "bomb.zip", "sparse.tar", "holes.tar", "crowd.tar.gz", "bottom.zip"])(
    "ABUSE 12: %s ends at the disk limit of the job",
    async (name) => {
      const { job } = await unpacked(name, {}, { resources: { disk: "8MiB" } });
      expect(job).toMatchObject({ state: "failed", cause: { code: "disk_limit" } });
      await server().servesOthers();
    },
  );

  it("ABUSE 12: whose entries overlap ends in a named cause, and takes no more than the job may have", async () => {
    const { job } = await unpacked("overlapping.zip", {}, { resources: { disk: "8MiB" } });
    expect(["disk_limit", "source_failed"]).toContain(job.cause?.code);
    expect(job.startedAt).toBeNull();
    await server().servesOthers();
  });

  it("that names one file twice leaves the first: what is there is not replaced", async () => {
    const { stdout } = await unpacked("twice.tar", {}, { args: ["-c", "ls; cat name"] });
    expect(stdout).toBe("name\nfirst");
  });

  it.each(["nested.zip", "forty-two.zip"])(
    "ABUSE 12: %s is unpacked once, whatever lies in it",
    async (name) => {
      const list = ["-c", "ls | wc -l"];
      const { job, stdout } = await unpacked(name, {}, { args: list, resources: { disk: "8MiB" } });
      expect([job.cause?.message, stdout]).toEqual(["Exited with code 0", "16\n"]);
    },
  );

  it("is refused at once where it is not there or not whole", async () => {
    const { api } = server();
    const archive = { upload: "0".repeat(64), format: "tar" } as const;
    const body = JSON.stringify({ command: "true", archive });
    const missing = await api.request("/api/v1/jobs", { method: "POST", body });
    expect(await missing.json()).toMatchObject({ code: "UPLOAD_NOT_FOUND" });
    await fetch(`${server().url}/api/v1/uploads?sha256=${archive.upload}`, {
      method: "POST",
      headers: {
        authorization: api.authorization,
        "content-type": "application/octet-stream",
        "upload-complete": "?0",
      },
      body: "part",
    });
    const unfinished = await api.request("/api/v1/jobs", { method: "POST", body });
    expect(await unfinished.json()).toMatchObject({ code: "UPLOAD_UNFINISHED" });
  });
});
