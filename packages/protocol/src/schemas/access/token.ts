import { z } from "zod";
import { parseDuration } from "../../units.ts";

const tokenExample = {
  id: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7",
  user: "ann",
  label: "laptop",
  createdAt: "2026-01-31T10:00:00.000Z",
  expiresAt: "2026-03-02T10:00:00.000Z",
  usedAt: null,
};

export const token = z
  .object({
    id: z.string(),
    user: z.string().meta({ description: "The principal whose it is, by name" }),
    label: z.string().nullable(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable().meta({ description: "null: the server's own" }),
    usedAt: z.iso.datetime().nullable().meta({ description: "The last use, to the minute" }),
  })
  .meta({ id: "Token", examples: [tokenExample] });

/** What comes once, and never again. */
export const createdToken = z
  .object({
    ...token.shape,
    token: z.string().meta({ description: "To be sent as `Authorization: Bearer`. It is not shown again" }),
  })
  .meta({ id: "CreatedToken", examples: [{ ...tokenExample, token: `berth_${"A".repeat(43)}` }] });

export const tokenList = z
  .object({ items: z.array(token), next: z.string().nullable() })
  .meta({ id: "TokenList", examples: [{ items: [tokenExample], next: null }] });

export const createTokenBody = z
  .strictObject({
    user: z
      .string()
      .min(1)
      .max(64)
      .meta({ description: "The principal: owner of what it makes with the token" }),
    ttl: z
      .string()
      .max(32)
      .refine((text) => (parseDuration(text) ?? 0) > 0, { error: "must be written like 24h" })
      .default("30d")
      .meta({ description: "How long it is valid" }),
    label: z.string().min(1).max(64).optional().meta({ description: "What people know it by" }),
  })
  .meta({ examples: [{ user: "ann", ttl: "30d", label: "laptop" }] });

export const listTokensQuery = z.strictObject({
  user: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
});

export type Token = z.infer<typeof token>;
export type CreatedToken = z.infer<typeof createdToken>;
export type TokenList = z.infer<typeof tokenList>;
