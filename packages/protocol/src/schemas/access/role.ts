import { z } from "zod";
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

export type RoleList = z.infer<typeof roleList>;
