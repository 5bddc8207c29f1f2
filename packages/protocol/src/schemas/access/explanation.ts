import { z } from "zod";
import { resources, verbs } from "../../operations/permission.ts";
import { rule } from "./role.ts";

const via = z.object({
  kind: z.enum(["credential", "user", "group"]).meta({
    description: "The credential brought the role, or a binding gave it to the user or to a group of it",
  }),
  name: z.string().optional().meta({ description: "The user or the group" }),
  binding: z.string().optional().meta({ description: "The id of the binding" }),
});

const whoExample = {
  name: "ann",
  roles: ["developer", "viewer"],
  groups: [],
  door: "rest" as const,
  credential: { kind: "token" as const, id: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7" },
  account: { display: "Ann Lee", mustChangePassword: false },
};

export const whoAmI = z
  .object({
    name: z.string().meta({ description: "The principal: owner of what it makes" }),
    roles: z.array(z.string()).meta({ description: "By credential and by bindings, in order" }),
    groups: z.array(z.string()),
    door: z.enum(["rest", "grpc", "library", "schedule", "webhook", "retry"]),
    credential: z.object({
      kind: z.enum([
        "token",
        "session",
        "introspection",
        "certificate",
        "schedule",
        "webhook",
        "retry",
        "process",
        "none",
      ]),
      id: z.string(),
      expiresAt: z.iso.datetime().optional().meta({ description: "Absent where it has no end" }),
      scope: z.array(rule).optional().meta({
        description: "Of a token: the most that it may be used for. Absent: all that the roles allow",
      }),
    }),
    account: z
      .object({
        display: z.string().nullable(),
        mustChangePassword: z.boolean().meta({ description: "Until it chooses one, it may do nothing else" }),
      })
      .nullable()
      .optional()
      .meta({ description: "null: a name without an account, as certificates and tokens may have" }),
  })
  .meta({ id: "WhoAmI", examples: [whoExample] });

export const explainQuery = z.strictObject({
  verb: z.enum(verbs),
  resource: z.enum(resources),
  principal: z.string().min(1).max(64).optional().meta({
    description:
      "Whose right; default: one's own. Others, for administrators and auditors, without an account are taken as if they came by certificate, `admin` by its token",
  }),
  owner: z.string().max(64).optional().meta({
    description: "To whom the object belongs; default: it is going to be the principal's own",
  }),
  name: z.string().max(500).optional().meta({ description: "What rules call the object by" }),
});

const explanationExample = {
  allowed: false,
  because: [],
  missing: '"ann" may do so to its own only',
};

export const explanation = z
  .object({
    allowed: z.boolean(),
    because: z
      .array(z.object({ role: z.string(), rule, via: z.array(via) }))
      .meta({ description: "Each rule that allows it, with its role and how that was come by" }),
    missing: z.string().nullable().meta({ description: "Why it is denied; null where it is allowed" }),
    setting: z.string().optional().meta({
      description:
        "The setting of the server that allows it to everybody, whatever roles say. Absent: none does",
    }),
  })
  .meta({ id: "Explanation", examples: [explanationExample] });

export type WhoAmI = z.infer<typeof whoAmI>;
export type Explanation = z.infer<typeof explanation>;
export type ExplainQuery = z.input<typeof explainQuery>;
