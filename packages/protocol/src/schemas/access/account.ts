import { z } from "zod";
import { isObjectName } from "./object-name.ts";

const userExample = {
  id: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7",
  name: "ann",
  display: "Ann Lee",
  createdAt: "2026-01-31T10:00:00.000Z",
  deletedAt: null,
  locked: false,
  passwordAt: "2026-01-31T10:00:00.000Z",
  mustChangePassword: false,
};

const identity = z.object({
  provider: z.string().meta({ description: "Where it is known" }),
  subject: z.string().meta({ description: "By what it is known there, for ever" }),
});

export const user = z
  .object({
    id: z.string(),
    name: z.string().meta({ description: "The owner of what it makes; never changes" }),
    display: z.string().nullable().meta({ description: "As people write it" }),
    createdAt: z.iso.datetime(),
    deletedAt: z.iso.datetime().nullable().meta({ description: "Its name is nobody else's, also then" }),
    locked: z.boolean().meta({ description: "No credential lets it in" }),
    passwordAt: z.iso.datetime().nullable().meta({ description: "null: no password here" }),
    mustChangePassword: z.boolean(),
  })
  .meta({ id: "User", examples: [userExample] });

/** One, with what only a look at it alone tells. */
export const userDetails = z
  .object({
    ...user.shape,
    identities: z.array(identity).meta({ description: "What it is known by elsewhere" }),
  })
  .meta({
    id: "UserDetails",
    examples: [{ ...userExample, identities: [{ provider: "corp", subject: "f2a1" }] }],
  });

export const userList = z
  .object({ items: z.array(user), next: z.string().nullable() })
  .meta({ id: "UserList", examples: [{ items: [userExample], next: null }] });

const display = z.string().min(1).max(128);
const password = z.string().max(1024);

export const createUserBody = z
  .strictObject({
    name: z.string().min(1).max(64).meta({
      description: "Owner of what it makes. Names that differ in case or in their form only are one",
    }),
    display: display.optional(),
    password: password.optional().meta({ description: "To be changed at the first login. Left out: none" }),
    oneTimePassword: z
      .boolean()
      .default(false)
      .meta({ description: "Make one, which the answer shows once" }),
    roles: z.array(z.string().min(1).max(64)).max(32).default(["developer"]).meta({
      description: "Roles to give it; an empty list for none",
    }),
  })
  .meta({ examples: [{ name: "ann", display: "Ann Lee", oneTimePassword: true, roles: ["developer"] }] });

export const createdUser = z
  .object({
    ...user.shape,
    password: z.string().nullable().meta({ description: "The one-time password; null where none was made" }),
  })
  .meta({
    id: "CreatedUser",
    examples: [{ ...userExample, mustChangePassword: true, password: "k3vd8-wq2mn-7hfzt-pr4xc" }],
  });

export const updateUserBody = z
  .strictObject({ display: display.nullable().meta({ description: "null: none" }) })
  .meta({ examples: [{ display: "Ann Lee" }] });

export const setPasswordBody = z
  .strictObject({
    password: password
      .nullable()
      .optional()
      .meta({ description: "null: takes it away. Left out: makes one, which the answer shows once" }),
  })
  .meta({ examples: [{}] });

export const setPasswordAnswer = z
  .object({
    password: z.string().nullable().meta({ description: "The one-time password; null where none was made" }),
  })
  .meta({ id: "OneTimePassword", examples: [{ password: "k3vd8-wq2mn-7hfzt-pr4xc" }] });

export const linkUserBody = z
  .strictObject({
    provider: z.string().max(63).refine(isObjectName, { error: "must be the name of a provider" }),
    subject: z.string().min(1).max(512),
  })
  .meta({ examples: [{ provider: "corp", subject: "f2a1" }] });

export const listUsersQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
});

export type User = z.infer<typeof user>;
export type UserDetails = z.infer<typeof userDetails>;
export type CreatedUser = z.infer<typeof createdUser>;
export type UserList = z.infer<typeof userList>;
export type OneTimePassword = z.infer<typeof setPasswordAnswer>;
