import { z } from "zod";
import { ownRules, rule } from "./role.ts";
import { durationProblem, parseDuration } from "../../units.ts";

const scopeExample = [{ resource: "jobs" as const, names: ["*"], verbs: ["read" as const, "list" as const] }];

const tokenExample = {
  id: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7",
  user: "ann",
  label: "laptop",
  scope: null,
  createdAt: "2026-01-31T10:00:00.000Z",
  expiresAt: "2026-03-02T10:00:00.000Z",
  usedAt: null,
  madeBy: "session 0199a2b3-11d0-7a41-8c55-2f6e0b9d4c1a",
};

export const token = z
  .object({
    id: z.string(),
    user: z.string().meta({ description: "The principal whose it is, by name" }),
    label: z.string().nullable(),
    scope: z.array(rule).nullable().meta({
      description:
        "The most that it may be used for: its principal must be allowed it too. null: all that the principal may do",
    }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable().meta({ description: "null: the server's own" }),
    usedAt: z.iso.datetime().nullable().meta({ description: "The last use, to the minute" }),
    madeBy: z.string().nullable().meta({
      description:
        "The credential that it was made by, its kind and its id. What a token has made ends with it. null: not known",
    }),
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
      .refine((text) => (parseDuration(text) ?? 0) > 0, {
        error: ({ input }) => durationProblem(String(input), "24h"),
      })
      .default("30d")
      .meta({ description: "How long it is valid" }),
    label: z.string().min(1).max(64).optional().meta({ description: "What people know it by" }),
    scope: ownRules.min(1).optional().meta({
      description:
        "The most that it may be used for, as rules of a role: its principal must be allowed it too, at each use. Default: all that the principal may do",
    }),
  })
  .meta({ examples: [{ user: "ann", ttl: "30d", label: "laptop", scope: scopeExample }] });

export const listTokensQuery = z.strictObject({
  user: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
});

export type Token = z.infer<typeof token>;
export type CreatedToken = z.infer<typeof createdToken>;
export type TokenList = z.infer<typeof tokenList>;
