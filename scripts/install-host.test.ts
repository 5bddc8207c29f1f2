import { execFile } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "..");

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A checkout that was never set up, on a host without a network and with nothing kept from before. */
async function installIn(folder: string, env: Record<string, string>): Promise<Ended> {
  mkdirSync(join(folder, "scripts"));
  for (const file of ["scripts/install-host", "package-lock.json", "package.json", ".npmrc"])
    cpSync(join(root, file), join(folder, file));
  const options = { env: { PATH: process.env["PATH"], HOME: folder, ...env }, timeout: 120_000 };
  try {
    return { code: 0, ...(await run(join(folder, "scripts/install-host"), [], options)) };
  } catch (error) {
    return error as Ended;
  }
}

it("says that the registry cannot be reached, after trying it once", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth-install-"));
  let tries = 0;
  // npm by itself would try for more than a minute: again and again, and for each package.
  await using registry = createServer((socket) => {
    tries += 1;
    socket.resetAndDestroy();
  }).listen(0, "127.0.0.1");
  await once(registry, "listening");
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  const { code, stderr } = await installIn(folder.path, { npm_config_registry: url });
  expect(code).not.toBe(0);
  expect(stderr).toContain(`berth: cannot reach the package registry ${url}: trying`);
  expect(stderr).toMatch(/^berth: that is not enough: connect this host, or name a registry/m);
  expect(tries).toBe(1);
});

it("says that it goes on while npm takes its time", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth-install-"));
  const path = join(folder.path, "path");
  mkdirSync(path);
  const slow = `#!/bin/sh\n[ "$1" = ping ] || { sleep 11; echo "it is over" >&2; exit 7; }\n`;
  writeFileSync(join(path, "npm"), slow, { mode: 0o755 });
  const ended = await installIn(folder.path, { PATH: `${path}:${process.env["PATH"] ?? ""}` });
  expect(ended).toMatchObject({
    code: 7,
    stdout: expect.stringMatching(/still installing Node packages \(10 s\)/) as unknown,
  });
  expect(ended.stderr).toContain("it is over");
});
