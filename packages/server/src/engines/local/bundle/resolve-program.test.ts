import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { resolveProgram } from "./resolve-program.ts";

const work = mkdtempSync(join(tmpdir(), "berth-resolve-"));
afterAll(() => rmSync(work, { recursive: true }));

const user = process.getuid?.() ?? 0;
function put(name: string, { text, mode }: { text: string; mode: number }): void {
  writeFileSync(join(work, name), text);
  chmodSync(join(work, name), mode);
  chownSync(join(work, name), user, user);
}
put("script", { text: "#!/bin/sh\n", mode: 0o755 });
put("plain", { text: "x", mode: 0o644 });
put("stray", { text: "#!/opt/none/perl -w\n", mode: 0o755 });
put("chain", { text: "#!/work/stray\n", mode: 0o755 });
symlinkSync("/etc/../root/secret", join(work, "out"));
symlinkSync("loop", join(work, "loop"));
symlinkSync("script", join(work, "alias"));

const ask = (command: string) =>
  resolveProgram({ command, path: "/nowhere:/work:/usr/bin", workdir: "/work", work, lower: null, user });

describe("the program of a job", () => {
  it.each([
    { command: "true", path: "/usr/bin/true" },
    { command: "script", path: "/work/script" },
    { command: "./script", path: "./script" },
    { command: "alias", path: "/work/alias" },
    { command: "/bin/sh", path: "/bin/sh" },
    // Only the kernel can say.
    { command: "/proc/self/exe", path: "/proc/self/exe" },
  ])("is found as $command", ({ command, path }) => {
    expect(ask(command)).toEqual({ path });
  });

  it.each([
    ["nosuch", false, "was not found in PATH"],
    ["echo hi", false, "or the line to `sh -c`"],
    ["/nosuch", false, "does not exist in the job"],
    ["plain", true, "is not executable"],
    ["./plain", true, "is not executable"],
    ["/usr/bin", true, "is a folder"],
    // It is the interpreter that is missing, not the program.
    ["stray", true, '"/opt/none/perl"'],
    ["chain", true, '"/opt/none/perl"'],
    ["loop", false, "was not found in PATH"],
    // A link is followed inside of the job's root, not on the host.
    ["./out", false, "does not exist in the job"],
    [process.execPath.startsWith("/usr/") ? "/opt/x" : process.execPath, false, "does not exist in the job"],
  ])("is refused as %s, found %s, with the reason", (command, found, reason) => {
    expect(ask(command)).toEqual({ refusal: expect.stringContaining(reason) as string, found });
  });
});
