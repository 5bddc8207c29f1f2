import { z } from "zod";

const bindingExample = {
  id: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7",
  role: "viewer",
  user: "ann",
  createdAt: "2026-01-31T10:00:00.000Z",
};

export const binding = z
  .object({
    id: z.string(),
    role: z.string().meta({ description: "The name of the role" }),
    user: z.string().optional().meta({ description: "The principal that has the role, by name" }),
    group: z
      .string()
      .optional()
      .meta({ description: "Or the group whose members have it, by its folded name" }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: "Binding", examples: [bindingExample] });

export const bindingList = z
  .object({ items: z.array(binding) })
  .meta({ id: "BindingList", examples: [{ items: [bindingExample] }] });

export const createBindingBody = z
  .strictObject({
    role: z.string().min(1).max(64).meta({ description: "The name of a role" }),
    user: z.string().min(1).max(64).optional().meta({
      description: "The principal: a user's name, or the common name of its certificates",
    }),
    group: z.string().min(1).max(64).optional().meta({ description: "Or a group: all who are in it" }),
  })
  .refine(({ user, group }) => (user === undefined) !== (group === undefined), {
    error: "must name a user or a group, and not both",
    path: ["user"],
  })
  .meta({ examples: [{ role: "viewer", user: "ann" }] });

export type Binding = z.infer<typeof binding>;
export type BindingList = z.infer<typeof bindingList>;
