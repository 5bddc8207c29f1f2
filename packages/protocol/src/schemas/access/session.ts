import { z } from "zod";

const sessionExample = {
  id: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7",
  user: "ann",
  provider: "local",
  createdAt: "2026-01-31T10:00:00.000Z",
  usedAt: "2026-01-31T10:20:00.000Z",
  expiresAt: "2026-02-07T10:00:00.000Z",
  address: "192.0.2.1",
  agent: "berth-cli/0.1.0",
  current: true,
};

export const session = z
  .object({
    id: z.string(),
    user: z.string(),
    provider: z.string().meta({ description: "Where its user has proven who it is" }),
    createdAt: z.iso.datetime(),
    usedAt: z.iso.datetime().meta({ description: "The last use, to the minute" }),
    expiresAt: z.iso.datetime().meta({ description: "However much it is used" }),
    address: z.string().nullable().meta({ description: "From where the login came" }),
    agent: z.string().nullable().meta({ description: "What the client calls itself" }),
    current: z.boolean().meta({ description: "The one by which this was asked" }),
  })
  .meta({ id: "Session", examples: [sessionExample] });

export const sessionList = z
  .object({ items: z.array(session), next: z.string().nullable() })
  .meta({ id: "SessionList", examples: [{ items: [sessionExample], next: null }] });

export const listSessionsQuery = z.strictObject({
  user: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
});

export const logInBody = z
  .strictObject({
    provider: z.string().min(1).max(63).default("local").meta({ description: "Who is to say who this is" }),
    name: z.string().max(256),
    password: z.string().max(1024),
  })
  .meta({ examples: [{ name: "ann", password: "correct horse battery staple" }] });

/** What comes once, and never again. */
export const loggedIn = z
  .object({
    token: z.string().meta({ description: "To be sent as `Authorization: Bearer`. It is not shown again" }),
    session,
    mustChangePassword: z.boolean().meta({ description: "It may do nothing else before" }),
  })
  .meta({
    id: "LoggedIn",
    examples: [{ token: `berth_s_${"A".repeat(43)}`, session: sessionExample, mustChangePassword: false }],
  });

export const changePasswordBody = z
  .strictObject({
    current: z.string().max(1024).meta({ description: "The one that it has now" }),
    password: z.string().max(1024).meta({ description: "At least 12 characters; ends all other sessions" }),
  })
  .meta({ examples: [{ current: "k3vd8-wq2mn-7hfzt-pr4xc", password: "correct horse battery staple" }] });

export type Session = z.infer<typeof session>;
export type SessionList = z.infer<typeof sessionList>;
export type LoggedIn = z.infer<typeof loggedIn>;
