import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const dryRun = (): string =>
  execFileSync(join(root, "scripts/install-service"), ["--dry-run"], { encoding: "utf8", stdio: "pipe" });

it("writes a unit whose server leaves its jobs running, and that nothing of it hides", () => {
  const unit = dryRun();
  expect(unit).not.toContain("@CHECKOUT@");
  expect(unit).toContain(`ExecStart=${root}/bin/berth server\n`);
  for (const line of ["KillMode=process", "Delegate=yes", "Restart=always"])
    expect(unit).toMatch(new RegExp(`^${line}$`, "m"));
  // Each of these gives the service mounts of its own, or takes what jobs are made of.
  const breaking =
    /^(Protect|Private|ReadOnly|ReadWrite|Inaccessible|TemporaryFile|Bind|Root|Mount|RestrictNamespaces|NoNewPrivileges|CapabilityBounding|SystemCallFilter|Device|ProcSubset|DynamicUser|MemoryDenyWriteExecute)/m;
  expect(unit).not.toMatch(breaking);
});

const analyze = "/usr/bin/systemd-analyze";
if (!existsSync(analyze))
  console.log("SKIPPED: systemd's own look at the unit, because systemd-analyze is missing");

it.skipIf(!existsSync(analyze))("writes a unit that systemd understands", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth-unit-"));
  const path = join(folder.path, "berth.service");
  writeFileSync(path, dryRun());
  const text = execFileSync("sh", ["-c", `${analyze} verify --man=no "$0" 2>&1 || true`, path], {
    encoding: "utf8",
  });
  // Of this unit: what other units of the host lack is theirs.
  expect(text.split("\n").filter((line) => line.includes("berth"))).toEqual([]);
});

it("refuses a checkout whose path a unit cannot name", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth unit "));
  mkdirSync(join(folder.path, "scripts"));
  execFileSync("cp", ["-r", join(root, "deploy"), folder.path]);
  execFileSync("cp", [join(root, "scripts/install-service"), join(folder.path, "scripts")]);
  expect(() =>
    execFileSync(join(folder.path, "scripts/install-service"), ["--dry-run"], { stdio: "pipe" }),
  ).toThrow(/cannot be a service from ".*": move the checkout/);
});
