import { z } from "zod";
import { objectName } from "./object-name.ts";
import { resources, verbs } from "../../operations/permission.ts";

export const rule = z.object({
  resource: z.enum(resources),
  names: z.array(z.string()).meta({
    description: "`*` for all, or names that are met letter by letter, never as a beginning",
  }),
  verbs: z.array(z.enum(verbs)),
  own: z.literal(true).optional().meta({ description: "Only what belongs to whoever asks" }),
});

const roleExample = {
  name: "viewer",
  builtIn: true,
  rules: [{ resource: "jobs" as const, names: ["*"], verbs: ["read" as const, "list" as const] }],
};

export const role = z
  .object({
    name: z.string(),
    builtIn: z.boolean().meta({ description: "Always there, and never changed" }),
    rules: z.array(rule).meta({ description: "What it allows; what no rule allows is denied" }),
  })
  .meta({ id: "Role", examples: [roleExample] });

export const roleList = z
  .object({ items: z.array(role) })
  .meta({ id: "RoleList", examples: [{ items: [roleExample] }] });

const ownRule = z.strictObject({
  resource: z.enum(resources),
  names: z.array(z.string().min(1).max(500)).min(1).max(1000),
  verbs: z.array(z.enum(verbs)).min(1).max(verbs.length),
});

/** What can be said in a role of one's own, or in the scope of a token. */
export const ownRules = z
  .array(ownRule)
  .max(100)
  .meta({ description: "What it allows; what no rule allows is denied" });

const rulesExample = [
  { resource: "networks" as const, names: ["pypi"], verbs: ["execute" as const] },
  { resource: "jobs" as const, names: ["*"], verbs: ["read" as const, "list" as const] },
];

export const createRoleBody = z
  .strictObject({ name: objectName, rules: ownRules })
  .meta({ examples: [{ name: "watcher", rules: rulesExample }] });

export const updateRoleBody = z
  .strictObject({ rules: ownRules })
  .meta({ examples: [{ rules: rulesExample }] });

export type Role = z.infer<typeof role>;
export type RoleList = z.infer<typeof roleList>;
