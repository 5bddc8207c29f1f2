import { z } from "zod";

const groupExample = {
  name: "ops",
  createdAt: "2026-01-31T10:00:00.000Z",
  members: [{ user: "ann", source: "local" }],
};

export const group = z
  .object({
    name: z.string(),
    createdAt: z.iso.datetime(),
    members: z.array(
      z.object({
        user: z.string(),
        source: z.string().meta({ description: "Who says so: `local`, or a provider" }),
      }),
    ),
  })
  .meta({ id: "Group", examples: [groupExample] });

export const groupList = z
  .object({ items: z.array(group) })
  .meta({ id: "GroupList", examples: [{ items: [groupExample] }] });

export const createGroupBody = z
  .strictObject({ name: z.string().min(1).max(64) })
  .meta({ examples: [{ name: "ops" }] });

export type Group = z.infer<typeof group>;
export type GroupList = z.infer<typeof groupList>;
