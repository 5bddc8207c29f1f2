import { rm } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../lib/ids.ts";
import type { AccountStore } from "../../store/account-store.ts";
import { hashRandomPassword } from "../passwords/hash-password.ts";
import { oneTimePassword } from "../passwords/one-time.ts";
import type { Accounts } from "./accounts.ts";
import { writeSecret } from "./write-secret.ts";

/**
 * Sees to it that there is an account `admin`. The first start makes it, with a password in `<data>/admin-password` (0600)
 * that lets it do nothing but choose another; the first start after that removes the file. The file is written first: a
 * crash between the two leaves a file whose password nobody knows, and the next start writes another.
 */
export async function ensureAdminAccount({
  context: {
    store: { accounts: store },
    accounts,
    now,
  },
  dataDir,
}: {
  context: { store: { accounts: AccountStore }; accounts: Accounts; now: () => number };
  dataDir: string;
}): Promise<{ path: string; created: boolean }> {
  const path = join(dataDir, "admin-password");
  const known = accounts.find("admin");
  if (known !== null) {
    if (!known.mustChange) await rm(path, { force: true });
    return { path, created: false };
  }
  const text = oneTimePassword();
  const password = { hash: hashRandomPassword(text), at: now(), mustChange: true };
  await writeSecret(path, `${text}\n`);
  const account = { id: newId(), name: "admin", key: "admin", display: null, createdAt: now() };
  await store.insert({ ...account, password, identity: null });
  const made = await store.find("admin");
  if (made !== null) accounts.put(made);
  return { path, created: true };
}
