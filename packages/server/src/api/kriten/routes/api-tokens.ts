import { operations } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Context } from "../../../operations/context.ts";
import { createToken } from "../../../operations/tokens/create-token.ts";
import { deleteToken } from "../../../operations/tokens/delete-token.ts";
import { getToken } from "../../../operations/tokens/get-token.ts";
import { listTokens } from "../../../operations/tokens/list-tokens.ts";
import { isId } from "../../../lib/ids.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import { userId } from "../ids.ts";
import { addKritenRoute, type KritenDoor, listed } from "../kriten-route.ts";
import { Refusal, saying } from "../refusal.ts";

const PAGE = 200;
/** What Kriten takes for no end at all; here every token has one. */
const ZERO = "0001-01-01T00:00:00Z";
const LONGEST_MS = 10 * 365 * 24 * 3_600_000;

const body = z.object({
  description: z.string().max(64).default(""),
  expires: z.union([z.iso.datetime({ offset: true }), z.literal(""), z.literal(0)]).optional(),
  enabled: z.boolean().default(true),
});

const missing = { status: 404, error: "api token not found" };
const one = "/api_tokens/:token";

type Token = Awaited<ReturnType<typeof getToken>>;

export function addKritenApiTokens(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { listTokens: list, getToken: show, createToken: create, deleteToken: remove } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/api_tokens", permission: list.permission },
    async ({ caller, reply }) =>
      listed(reply, await shownTokens(context, { caller, user: caller.principal.name })),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/api_tokens/all", permission: list.permission },
    async ({ caller, reply }) => listed(reply, await shownTokens(context, { caller, user: undefined })),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: one, permission: show.permission },
    async ({ caller, param }) => shownToken(context, await tokenOf(context, { caller, id: param("token") })),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["POST", "PUT"], path: "/api_tokens", permission: create.permission },
    async ({ caller, ...call }) => {
      const { description, expires, enabled } = call.body(body);
      if (!enabled) throw disabled();
      const user = caller.principal.name;
      const label = description === "" ? null : description;
      const asked = { caller, user, ttlMs: lifeOf(expires, context.now()), label, scope: null };
      const { text, stored } = await createToken(context, { ...asked, form: "kriten" });
      return { ...shownToken(context, stored), key: text };
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["PATCH", "PUT"], path: one, permission: remove.permission },
    async ({ caller, param, ...call }) => {
      call.body(body);
      await tokenOf(context, { caller, id: param("token") });
      throw disabled();
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["DELETE"], path: one, permission: remove.permission },
    async ({ caller, param }) => {
      const { id } = await tokenOf(context, { caller, id: param("token") });
      await saying(deleteToken(context, { caller, id }), { TOKEN_NOT_FOUND: missing });
      return { msg: "api token deleted successfully" };
    },
  );
}

function disabled(): Refusal {
  const error = "api tokens cannot be changed or disabled: delete it, and create another one";
  return new Refusal("REQUEST_INVALID", { status: 400, error });
}

async function tokenOf(context: Context, { caller, id }: { caller: Caller; id: string }): Promise<Token> {
  if (!isId(id)) throw new Refusal("TOKEN_NOT_FOUND", missing);
  return await saying(getToken(context, { caller, id }), { TOKEN_NOT_FOUND: missing });
}

async function shownTokens(
  context: Context,
  { caller, user }: { caller: Caller; user: string | undefined },
): Promise<object[]> {
  const rows: object[] = [];
  let cursor: string | undefined;
  do {
    const filter = { limit: PAGE, user, cursor };
    const page: Awaited<ReturnType<typeof listTokens>> = await listTokens(context, { caller, filter });
    rows.push(...page.items.map((token) => shownToken(context, token)));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

/** How long it is to hold, in ms. Throws where it has ended already. */
function lifeOf(expires: string | 0 | undefined, now: number): number {
  if (expires === undefined || expires === 0 || expires === "") return LONGEST_MS;
  const at = Date.parse(expires);
  if (at <= Date.parse(ZERO)) return LONGEST_MS;
  if (at <= now) throw new Refusal("REQUEST_INVALID", { status: 400, error: "expires is in the past" });
  return Math.min(at - now, LONGEST_MS);
}

function shownToken(context: Context, { id, principal, label, createdAt, expiresAt }: Token) {
  const at = new Date(createdAt).toISOString();
  return {
    id,
    owner: userId(context, principal),
    enabled: true,
    expires: expiresAt === null ? ZERO : new Date(expiresAt).toISOString(),
    description: label ?? "",
    created_at: at,
    updated_at: at,
  };
}
