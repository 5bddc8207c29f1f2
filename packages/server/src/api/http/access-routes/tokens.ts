import { parseDuration, type Token } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { createToken } from "../../../operations/tokens/create-token.ts";
import { deleteToken } from "../../../operations/tokens/delete-token.ts";
import { listTokens } from "../../../operations/tokens/list-tokens.ts";
import { addOperation } from "../operation-route.ts";

export function addTokens(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "createToken", async ({ caller, body: { user, ttl, label = null } }) => {
    // The schema has seen to its form.
    const ttlMs = parseDuration(ttl) ?? 0;
    const { text, stored } = await createToken(context, { caller, user, ttlMs, label });
    return { ...viewToken(stored), token: text };
  });

  addOperation(app, "listTokens", async ({ caller, query }) => {
    const { items, next } = await listTokens(context, { caller, filter: query });
    return { items: items.map(viewToken), next };
  });

  addOperation(app, "deleteToken", ({ caller, params: { token } }) =>
    deleteToken(context, { caller, id: token }),
  );
}

type StoredToken = Awaited<ReturnType<typeof createToken>>["stored"];

/** Without its hash, and with its times as people read them. */
function viewToken({ id, principal, label, createdAt, expiresAt, usedAt }: StoredToken): Token {
  return {
    id,
    user: principal,
    label,
    createdAt: iso(createdAt),
    expiresAt: isoOrNull(expiresAt),
    usedAt: isoOrNull(usedAt),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
