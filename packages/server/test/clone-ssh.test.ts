import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGitServer } from "./support/git-server.ts";
import { sshdIsMissing, startSshServer } from "./support/ssh-server.ts";
import { openTasksOfGit, type TasksOfGit } from "./support/tasks-of-git.ts";

const missing = sshdIsMissing();
if (missing !== null) console.log(`SKIPPED: the code of tasks over ssh, because ${missing}`);
const scope = new AsyncDisposableStack();
const git = scope.use(await startGitServer());
const ssh = missing === null ? scope.use(await startSshServer()) : null;
const tasks = ssh === null ? null : scope.use(await openTasksOfGit("the code of tasks over ssh"));
afterAll(() => scope.disposeAsync());

const on = (): TasksOfGit => {
  if (tasks === null) throw new Error("there is no server");
  return tasks;
};
const url = () => `ssh://root@127.0.0.1:${ssh?.port}${git.root}/private.git`;
const credentials = (more: object = {}) => ({
  sshKey: { secret: "deploy" },
  knownHosts: ssh?.hostKey ?? "",
  ...more,
});

describe.skipIf(tasks === null)("a task whose code comes over ssh", () => {
  beforeAll(async () => {
    git.commit("private.git", { "secret.sh": "echo private" });
    await on().made("secrets", { name: "deploy", values: { key: ssh?.key, other: ssh?.otherKey } });
    // As people paste it: without the line feed at its end.
    await on().made("secrets", { name: "pasted", values: { key: ssh?.key.trimEnd() } });
  });

  it.each(["deploy", "pasted"])("is let in by its key, and has nothing of that: %s", async (secret) => {
    const spec = { url: url(), credentials: credentials({ sshKey: { secret } }) };
    const { job, stdout } = await on().run(spec, "sh secret.sh; ls -A /tmp /etc/secret .");
    expect([job.cause?.message, stdout]).toEqual([
      "Exited with code 0",
      "private\n.:\nsecret.sh\n\n/etc/secret:\n\n/tmp:\n",
    ]);
  });

  it.each([
    ["another key", () => ({ sshKey: { secret: "deploy", key: "other" } }), "not_authorised"],
    [
      "a host of another key",
      () => ({
        knownHosts: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKc1eGfSbz9QJX0A3vNbTDEM7kRjX7P6Qh1m3Yb7Jp2X",
      }),
      "untrusted_host",
    ],
    ["a host that is not known", () => ({ knownHosts: `other.example ${ssh?.hostKey}` }), "untrusted_host"],
  ])("says of %s why its code is not there", async (_what, more, reason) => {
    const { job } = await on().run({ url: url(), credentials: credentials(more()) });
    expect([job.cause?.code, job.cause?.evidence["reason"]]).toEqual(["source_failed", reason]);
  });

  it("says of a repository that is not there that it is not", async () => {
    const { job } = await on().run({ url: `${url()}x`, credentials: credentials() });
    expect(job.cause?.evidence["reason"]).toBe("no_such_repository");
  });
});
