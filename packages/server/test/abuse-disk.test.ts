import type { ArtifactList, Job } from "@berth/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { type LocalServer, python, startLocalServer } from "./support/local-server.ts";

const started = await startLocalServer("what hostile jobs do to the disk");
afterAll(() => started?.[Symbol.asyncDispose](), 120_000);

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

async function artifactsOf({ id }: Pick<Job, "id">): Promise<ArtifactList> {
  const answer = await server().api.request(`/api/v1/jobs/${id}/artifacts`);
  return (await answer.json()) as ArtifactList;
}

describe.skipIf(started === null)("the disk", { timeout: 120_000 }, () => {
  // Small, because a new file can take a millisecond where many have gone before.
  const limited = { resources: { disk: "2MiB" }, timeouts: { run: "60s" } };

  it.each([
    ["one file past the limit", "head -c 100M /dev/zero > big"],
    ["space set aside for 100 GB", "exec fallocate -l 100G big"],
    ["a byte after a hole of 4 TiB", "exec dd if=/dev/zero of=big bs=1 count=1 seek=4T status=none"],
    [
      // A million of them would have to be made first; it is their folder that fills the limit, at any number.
      "empty files without end",
      `exec perl -e 'for (1..1_000_000) { open F, ">", "x" x 240 . $_ or die } sleep 1000'`,
    ],
    ["many files that add up", "n=0; while :; do n=$((n + 1)); head -c 1M /dev/zero > part$n; done"],
  ])("ABUSE 9: %s ends as too much for the disk, and the host is fine", async (_name, script) => {
    const { job } = await server().run(script, limited);
    expect(job).toMatchObject({ state: "failed", cause: { code: "disk_limit" } });
    await server().servesOthers();
  });

  it("ABUSE 9: a file of an exabyte with nothing in it takes no space, and is not collected as if it did", async () => {
    const sparse = python(
      "import os\nfd = os.open('sparse', os.O_CREAT | os.O_WRONLY)\ntry: os.ftruncate(fd, 1 << 60)\nexcept OSError as error: print(error.errno)",
    );
    const { job, stdout } = await server().run(sparse, { ...limited, collect: ["sparse"] });
    const [file] = (await artifactsOf(job)).items;
    // Refused by the kernel (EFBIG, or the signal for it), since no file may be larger than the limit.
    expect([stdout, job.cause?.code]).toContainEqual(expect.stringMatching(/^27\n$|^disk_limit$/));
    expect(file?.size ?? 0).toBe(0);
  });

  it("ABUSE 9: 12,000 empty files are removed with the job, while the server serves others", async () => {
    const many = python(
      "import os\nfor n in range(12000): os.close(os.open(str(n), os.O_CREAT | os.O_WRONLY))\nprint('made')",
    );
    const { api } = server();
    const { id } = await api.submit({ ...many, collect: ["**"] });
    expect(await api.end(id)).toMatchObject({ exitCode: 0 });
    await server().servesOthers();
    expect((await artifactsOf({ id })).items).toHaveLength(10_000);
    await api.delete(id);
  });

  it("ABUSE 9: folders 4,000 deep can be made, and go with the job", async () => {
    const deep = python(
      "import os\nfor n in range(4000):\n  os.mkdir('d')\n  os.chdir('d')\nopen('bottom', 'w').write('x')\nprint('made')",
    );
    const { job, stdout } = await server().run(deep, { collect: ["**/bottom"] });
    expect(stdout).toBe("made\n");
    expect(job.state).toBe("succeeded");
    await server().api.delete(job.id);
    await server().servesOthers();
  });

  it("ABUSE 9: names with line breaks, escape sequences, quotes and bytes that are no UTF-8 are listed safely", async () => {
    const plain = ['quote"\\', "<b>&amp;", " leading", "é", "日本語", "👩‍👩‍👧", "-rf", "$(reboot)"];
    const unsafe = ["line\nbreak", "esc\u001b]0;title\u0007", "csi\u009b31m", "cod\u202etxt.exe", "a\u2066b"];
    const make = python(
      `import os, sys
os.mkdir('out')
for name in sys.argv[1:]: open('out/' + name, 'w').write('x')
open(b'out/\\xff\\xfe', 'w').write('x')`,
      ...plain,
      ...unsafe,
    );
    const { job } = await server().run(make, { collect: ["out/**"] });
    const { items, skipped } = await artifactsOf(job);
    expect(items.map(({ path }) => path).toSorted()).toEqual(plain.map((name) => `out/${name}`).toSorted());
    const reasons = skipped.map(({ path, reason }) => `${path}: ${reason}`).toSorted();
    expect(reasons).toEqual([
      "out/a\\u{2066}b: its name holds control characters",
      "out/cod\\u{202e}txt.exe: its name holds control characters",
      "out/csi\\u{9b}31m: its name holds control characters",
      "out/esc\\u{1b}]0;title\\u{7}: its name holds control characters",
      "out/line\\u{a}break: its name holds control characters",
      "out/\ufffd\ufffd: its name is not UTF-8",
    ]);
    for (const { path, size } of items) {
      const at = path.split("/").map(encodeURIComponent).join("/");
      const answer = await server().api.request(`/api/v1/jobs/${job.id}/artifacts/${at}`);
      expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, size]);
    }
  });
});
