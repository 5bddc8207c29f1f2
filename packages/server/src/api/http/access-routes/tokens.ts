import { parseDuration, type Token } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { createToken } from "../../../operations/tokens/create-token.ts";
import { deleteToken } from "../../../operations/tokens/delete-token.ts";
import { getToken } from "../../../operations/tokens/get-token.ts";
import { listTokens } from "../../../operations/tokens/list-tokens.ts";
import { shownRules } from "../../../operations/roles/shown-rules.ts";
import { addOperation } from "../operation-route.ts";

export function addTokens(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "createToken", async ({ caller, body: { user, ttl, label = null, scope = null } }) => {
    // The schema has seen to its form.
    const ttlMs = parseDuration(ttl) ?? 0;
    const { text, stored } = await createToken(context, { caller, user, ttlMs, label, scope });
    return { ...viewToken(stored), token: text };
  });

  addOperation(app, "listTokens", async ({ caller, query }) => {
    const { items, next } = await listTokens(context, { caller, filter: query });
    return { items: items.map(viewToken), next };
  });

  addOperation(app, "getToken", async ({ caller, params: { token } }) =>
    viewToken(await getToken(context, { caller, id: token })),
  );

  addOperation(app, "deleteToken", ({ caller, params: { token } }) =>
    deleteToken(context, { caller, id: token }),
  );
}

type StoredToken = Awaited<ReturnType<typeof createToken>>["stored"];

/** Without its hash, and with its times as people read them. */
function viewToken({
  id,
  principal,
  label,
  scope,
  createdAt,
  expiresAt,
  usedAt,
  madeBy,
}: StoredToken): Token {
  return {
    id,
    user: principal,
    label,
    scope: scope === null ? null : shownRules(scope),
    createdAt: iso(createdAt),
    expiresAt: isoOrNull(expiresAt),
    usedAt: isoOrNull(usedAt),
    madeBy: madeBy ?? null,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
