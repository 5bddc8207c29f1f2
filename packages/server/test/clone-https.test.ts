import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CompanyCa } from "./support/company-ca.ts";
import { type GitServer, startGitServer } from "./support/git-server.ts";
import { openTasksOfGit } from "./support/tasks-of-git.ts";
import { tempFolder } from "./support/temp-folder.ts";

const tasks = await openTasksOfGit("code from a host that a company's own authority vouches for");
afterAll(() => tasks?.[Symbol.asyncDispose]());

describe.skipIf(tasks === null)("code from a host that a company's own authority vouches for", () => {
  const folder = tempFolder();
  let company: CompanyCa;
  let git: GitServer;
  let url: string;
  beforeAll(async () => {
    company = await CompanyCa.open(folder.path);
    await company.certify("git", { by: "root", extensions: ["subjectAltName=IP:127.0.0.1"] });
    const [key, cert] = await Promise.all([company.text("git.key"), company.text("git.crt")]);
    git = await startGitServer(undefined, { key, cert });
    git.commit("open/a.git", { "hello.sh": "echo hello" });
    url = git.url("open/a.git");
  });
  afterAll(async () => {
    await git[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function run(spec: object) {
    if (tasks === null) throw new Error("There is no engine");
    const { job, stdout } = await tasks.run({ url, refresh: "1h", ...spec }, "sh hello.sh");
    return [job.state, job.cause?.code, job.cause?.evidence["reason"], stdout];
  }
  const fetched = ["succeeded", "exit", undefined, "hello\n"];
  const refused = ["failed", "source_failed", "untrusted_host", ""];

  it("is fetched where its runner names that authority", async () => {
    expect(await run({ ca: await company.text("root.crt") })).toEqual(fetched);
    const all = await Promise.all(["policy.crt", "root.crt"].map((name) => company.text(name)));
    expect(await run({ ca: `Ours\n${all.join("\n")}` })).toEqual(fetched);
  });

  it("is fetched by no other runner: neither by the host's authorities, nor by one of no concern, nor from what is kept", async () => {
    expect(await run({})).toEqual(refused);
    expect(await run({ ca: await company.text("policy.crt") })).toEqual(refused);
  });
});
