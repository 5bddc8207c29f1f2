import { type FlagValues, type Flags, jsonFlag } from "../../../core/define-command.ts";
import type { DefinitionAction } from "../definition-action.ts";

export const webhookFlags = {
  spec: { type: "string", about: "What it says, a file of JSON; - reads yours", value: "FILE", path: true },
  description: { type: "string", about: "For people", value: "TEXT", field: "description" },
  task: { type: "string", about: "The task that is run", value: "NAME", field: "task" },
  secret: {
    type: "string",
    about: "The secret that calls are signed with. Default: a new one",
    value: "NAME",
    field: "secret",
  },
  signature: { type: "string", about: "standard (default) or sha512", value: "HOW", field: "signature" },
  at: { type: "string", about: "get: as of this version; update: refuse another", value: "VERSION" },
  ...jsonFlag,
} as const satisfies Flags;

export type WebhookFlags = FlagValues<typeof webhookFlags>;
export type WebhookAction = DefinitionAction & { own: WebhookFlags };
