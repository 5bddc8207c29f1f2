import { z } from "zod";
import { definedName } from "../access/object-name.ts";
import { definitionHead, versionHead } from "./definition.ts";
import { patchOf } from "./patch-of.ts";

/** How whoever calls a webhook proves that it may. */
const webhookSignatures = ["standard", "sha512"] as const;
export type WebhookSignature = (typeof webhookSignatures)[number];

/** Of the body of a call, in bytes. */
export const webhookBounds = { body: 2 ** 20 } as const;

const webhookSpecExample = {
  description: "After each closing of the books",
  task: "monthly-report",
  secret: "books-hook",
  signature: "standard" as const,
};

/** What is run where something else calls, and how it proves who it is. */
export const webhookSpec = z
  .strictObject({
    description: z.string().max(500).optional().meta({ description: "For people" }),
    task: definedName.meta({ description: "The task that is run, with the body of the call as its input" }),
    secret: definedName.meta({
      description:
        "The secret that calls are signed with: each value in it is good, so that a new one can be in use before the old one goes",
    }),
    signature: z.enum(webhookSignatures).optional().meta({
      description:
        "`standard`, the default: Standard Webhooks, by `webhook-id`, `webhook-timestamp` and `webhook-signature` (HMAC-SHA256), each call once and within five minutes. `sha512`: `X-Hook-Signature`, the HMAC-SHA512 of the body in hex, which can be sent again by whoever has heard it",
    }),
  })
  .meta({ id: "WebhookSpec", examples: [webhookSpecExample] });

const webhookExample = {
  name: "books-closed",
  version: 1,
  owner: "ada",
  createdAt: "2026-01-31T12:00:00.000Z",
  updatedAt: "2026-01-31T12:00:00.000Z",
  updatedBy: "ada",
  spec: webhookSpecExample,
};

export const webhook = z
  .object({
    ...definitionHead,
    owner: z.string().meta({ description: "Who created it, and whose jobs its runs are" }),
    spec: webhookSpec,
  })
  .meta({ id: "Webhook", examples: [webhookExample] });

export const webhookList = z
  .object({ items: z.array(webhook), next: z.string().nullable() })
  .meta({ id: "WebhookList", examples: [{ items: [webhookExample], next: null }] });

export const webhookVersionList = z
  .object({ items: z.array(z.object({ ...versionHead, spec: webhookSpec })), next: z.string().nullable() })
  .meta({
    id: "WebhookVersionList",
    examples: [
      {
        items: [{ version: 1, at: "2026-01-31T12:00:00.000Z", by: "ada", spec: webhookSpecExample }],
        next: null,
      },
    ],
  });

export const createWebhookBody = z
  .strictObject({ name: definedName, spec: webhookSpec })
  .meta({ examples: [{ name: "books-closed", spec: webhookSpecExample }] });

export const updateWebhookBody = z
  .strictObject({ spec: patchOf(webhookSpec.shape) })
  .meta({ examples: [{ spec: { signature: "standard", description: null } }] });

/** All that whoever called is told: what else there is of the job is its owner's. */
export const webhookRun = z
  .object({ job: z.string().meta({ description: "The id of the job" }) })
  .meta({ id: "WebhookRun", examples: [{ job: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7" }] });

export type WebhookSpec = z.output<typeof webhookSpec>;
export type WebhookSpecInput = z.input<typeof webhookSpec>;
export type Webhook = z.output<typeof webhook>;
export type WebhookPatch = z.input<typeof updateWebhookBody>["spec"];
