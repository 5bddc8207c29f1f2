import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TokenStore } from "../store/store.ts";
import { writeSecret } from "./login/write-secret.ts";
import { createToken, hashOf } from "./tokens.ts";

const ADMIN = { name: "admin", role: "admin" } as const;

/**
 * Sees to it that `<data>/admin-token` (0600) holds a token of the principal `admin` that is valid, and says where.
 * The first start makes it, as does a start after the file was lost; a token that somebody still holds stays valid.
 *
 * The file is written first and the token stored after that. A crash between the two leaves a file whose token
 * nobody knows: the next start sees that and makes another. No token is ever stored whose text is in no file.
 */
export async function ensureAdminToken({
  tokens,
  dataDir,
  now,
}: {
  tokens: Pick<TokenStore, "insert" | "findByHash">;
  dataDir: string;
  now: () => number;
}): Promise<{ path: string; created: boolean }> {
  const path = join(dataDir, "admin-token");
  if (await isValid(path, { tokens, now })) return { path, created: false };
  const { text, stored } = createToken(ADMIN, { createdAt: now() });
  await writeSecret(path, `${text}\n`);
  await tokens.insert(stored);
  return { path, created: true };
}

async function isValid(
  path: string,
  { tokens, now }: { tokens: Pick<TokenStore, "insert" | "findByHash">; now: () => number },
): Promise<boolean> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return false;
  const token = await tokens.findByHash(hashOf(text.trim()));
  return token?.principal === ADMIN.name && token.role === "admin" && (token.expiresAt ?? Infinity) > now();
}
