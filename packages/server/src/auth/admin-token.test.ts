import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ApiToken, TokenStore } from "../store/store.ts";
import { ensureAdminToken } from "./admin-token.ts";
import { ShownTokens } from "./shown-tokens.ts";

const now = (): number => 1000;

async function open() {
  const folder = await mkdtempDisposable(join(tmpdir(), "berth-admin-"));
  const all = new Map<string, ApiToken>();
  const tokens: Pick<TokenStore, "insert" | "findByHash" | "existing" | "used"> = {
    insert: async (token) => all.set(token.hash, token).has(token.hash),
    findByHash: async (hash) => all.get(hash) ?? null,
    existing: async () => [],
    used: async () => undefined,
  };
  const path = join(folder.path, "admin-token");
  return {
    path,
    folder: folder.path,
    tokens,
    all,
    ensure: () => ensureAdminToken({ tokens, dataDir: folder.path, now }),
    holder: () => new ShownTokens({ tokens, now }).check(`Bearer ${readFileSync(path, "utf8").trim()}`),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

it("makes a token of the admin that only the server's user can read", async () => {
  await using site = await open();
  expect(await site.ensure()).toEqual({ path: site.path, created: true });
  expect(statSync(site.path).mode & 0o777).toBe(0o600);
  expect(await site.holder()).toMatchObject({ principal: "admin", role: "admin" });
  expect(readdirSync(site.folder)).toEqual(["admin-token"]);
});

it("keeps a token that is valid", async () => {
  await using site = await open();
  await site.ensure();
  const before = readFileSync(site.path, "utf8");
  expect(await site.ensure()).toEqual({ path: site.path, created: false });
  expect(readFileSync(site.path, "utf8")).toBe(before);
  expect(site.all.size).toBe(1);
});

it("makes a new one when the file was lost", async () => {
  await using site = await open();
  await site.ensure();
  rmSync(site.path);
  expect(await site.ensure()).toMatchObject({ created: true });
  expect(await site.holder()).toMatchObject({ role: "admin" });
});

it("makes a new one when the database does not know the file's", async () => {
  await using site = await open();
  await site.ensure();
  site.all.clear();
  expect(await site.ensure()).toMatchObject({ created: true });
  expect(await site.holder()).toMatchObject({ role: "admin" });
});

it("mends what a crash between file and database left", async () => {
  await using site = await open();
  const cutOff = { ...site.tokens, insert: () => Promise.reject(new Error("power loss")) };
  const first = ensureAdminToken({ tokens: cutOff, dataDir: site.folder, now });
  await expect(first).rejects.toThrow("power loss");
  await site.ensure();
  expect(await site.holder()).toMatchObject({ role: "admin" });
  expect(site.all.size).toBe(1);
});

it("does not take a draft's mode from whoever left it there", async () => {
  await using site = await open();
  writeFileSync(`${site.path}.new`, "left over", { mode: 0o644 });
  chmodSync(`${site.path}.new`, 0o644);
  await site.ensure();
  expect(statSync(site.path).mode & 0o777).toBe(0o600);
});

it("does not make another user's token the admin's", async () => {
  await using site = await open();
  await site.ensure();
  for (const token of site.all.values()) token.role = "user";
  expect(await site.ensure()).toMatchObject({ created: true });
});
