import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nativeProgram } from "../../src/engines/local/host/native-program.ts";
import { tempFolder } from "../support/temp-folder.ts";

const missing = process.getuid?.() === 0 ? null : "only root may mount anything";
if (missing !== null) console.log(`SKIPPED: the making of a view of the host, because ${missing}`);

const mountinfo = "/proc/self/mountinfo";

/** Does the steps, then shows its mounts. */
function view(...steps: readonly (readonly string[])[]) {
  const { status, stdout, stderr } = become(steps, "/bin/cat", mountinfo);
  return { status, stderr, mounts: mountsOf(stdout) };
}

function become(steps: readonly (readonly string[])[], ...program: readonly string[]) {
  return spawnSync(nativeProgram(), ["view", ...steps.flat(), "--", ...program], { encoding: "utf8" });
}

function mountsOf(text: string): Map<string, readonly string[]> {
  const lines = text.split("\n").map((line) => line.split(" "));
  return new Map(lines.map(([, , , , at = "", options = ""]) => [at, options.split(",")]));
}

const memoryAt = (path: string, flags = "-"): (readonly string[])[] => [
  ["folder", "0755", path],
  ["memory", flags, "size=64k", path],
];

describe.skipIf(missing !== null)("a view of the host", () => {
  it("has what it is told at each mount below a folder, beside what that had before, and none of it is on the host", async () => {
    await using folder = tempFolder();
    const at = `${folder.path}/in`;
    const { status, mounts } = view(
      ...memoryAt(at),
      ...memoryAt(`${at}/a b`, "x"),
      ["folder", "0700", `${at}/deep`],
      ["folder", "0700", `${at}/deep/er`],
      ["bind", "d", `${at}/a b`, `${at}/deep/er`],
      ...memoryAt(`${at}side`),
      ["seal", "rs", at],
    );
    expect(status).toBe(0);
    expect(mounts.get(at)).toEqual(expect.arrayContaining(["ro", "nosuid"]));
    expect(mounts.get(at)).not.toContain("noexec");
    expect(mounts.get(`${at}/a\\040b`)).toEqual(expect.arrayContaining(["ro", "nosuid", "noexec"]));
    expect(mounts.get(`${at}/deep/er`)).toEqual(expect.arrayContaining(["ro", "nosuid", "nodev", "noexec"]));
    // Its name begins like the folder's, and it lies beside.
    expect(mounts.get(`${at}side`)).toEqual(expect.arrayContaining(["rw"]));
    expect(readFileSync(mountinfo, "utf8")).not.toContain(at);
  });

  it("shows with a folder what is mounted in it, and gives that its own flags", async () => {
    await using folder = tempFolder();
    const [from, to] = [`${folder.path}/from`, `${folder.path}/to`];
    const { mounts } = view(
      ...memoryAt(from),
      ...memoryAt(`${from}/inner`),
      ["folder", "0755", to],
      ["tree", from, to],
      ["seal", "rsd", to],
    );
    expect(mounts.get(`${to}/inner`)).toEqual(expect.arrayContaining(["ro", "nosuid", "nodev"]));
    expect(mounts.get(`${from}/inner`)).toContain("rw");
  });

  it("has folders, files and links with the modes that were asked for", async () => {
    await using folder = tempFolder();
    const steps = [
      ["folder", "1777", `${folder.path}/open`],
      ["file", `${folder.path}/open/told`, "two\nlines\n"],
      ["copy", "0711", nativeProgram(), `${folder.path}/program`],
      ["link", "open/told", `${folder.path}/link`],
    ];
    const look = `umask; cd "${folder.path}"; stat -c '%a %n' open open/told program; cat link; cmp program "${nativeProgram()}"`;
    expect(become(steps, "/bin/sh", "-c", look).stdout).toBe(
      "0022\n1777 open\n644 open/told\n711 program\ntwo\nlines\n",
    );
  });

  it.each([
    ["a folder that is not there", ["tree", "/none/such", "/mnt"], "cannot mount /mnt: error 2"],
    ["a seal of no mount", ["seal", "r", "/none/such"], "cannot restrict /none/such: error 2"],
    [
      "a file that cannot be read",
      ["copy", "0711", "/none/such", "/mnt/x"],
      "cannot open /none/such: error 2",
    ],
    ["a folder in none", ["folder", "0755", "/none/such"], "cannot make /none/such: error 2"],
    ["a step that it does not know", ["mend", "/mnt"], "cannot understand the step mend: error 22"],
    ["a step without its words", ["folder"], "cannot understand the step folder: error 22"],
    ["a flag that it does not know", ["seal", "rq", "/"], "cannot understand the flags rq: error 22"],
  ])("names %s, and nothing is executed in it", (_what, step, says) => {
    expect(view(step)).toEqual({ status: 1, stderr: `${says}\n`, mounts: new Map([["", [""]]]) });
  });
});
