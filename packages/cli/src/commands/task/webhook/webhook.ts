import { defineCommand } from "../../../core/define-command.ts";
import { UsageError } from "../../../core/usage-error.ts";
import type { DefinitionAction } from "../definition-action.ts";
import { definitionActions } from "../definition-actions.ts";
import { createWebhook } from "./create-webhook.ts";
import { type WebhookAction, type WebhookFlags, webhookFlags } from "./webhook-action.ts";

const actions: Readonly<Record<string, (action: WebhookAction) => Promise<number>>> = {
  ...definitionActions,
  create: createWebhook,
};

export const webhook = defineCommand({
  arguments: [
    {
      name: "ACTION",
      about:
        "list, get NAME, create NAME, update NAME, delete NAME, versions NAME, diff NAME, rollback NAME VERSION",
      choices: Object.keys(actions),
    },
    { name: "WORD", about: "The webhook, and versions of it", variadic: true, optional: true },
  ],
  flags: webhookFlags,
  details: [
    "A webhook runs a task where something else calls, with the body of the call as",
    "its input, as whoever made the webhook. Calls are signed: by default as",
    "Standard Webhooks have it, each once and within five minutes. Every value of its",
    "secret is good: add one, have it used, then take the old one out.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth webhook create deploy-on-push --task deploy", about: "prints where, and the secret" },
    { line: "berth secret update webhook-deploy-on-push --key next", about: "another secret beside it" },
  ],
  async run({ args: [name = "", ...words], flags: own }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with webhooks`, "See `berth webhook --help`");
    const none = { network: undefined, memory: undefined, timeout: undefined, secret: [] };
    return act({
      noun: "webhook",
      words,
      flags: { ...own, ...none },
      own,
      cli,
      calls: callsOf,
      ownFields: () => Promise.resolve(fieldsOf(own)),
    });
  },
});

const callsOf: DefinitionAction["calls"] = ({ webhooks }) => ({
  list: (options) => webhooks.list(options),
  // What is in it is the server's to check.
  create: (name, spec) => webhooks.create(name, spec as Parameters<typeof webhooks.create>[1]),
  get: (name, options) => webhooks.get(name, options),
  update: (name, spec, options) => webhooks.update(name, spec, options),
  delete: (name) => webhooks.delete(name),
  versions: (name, options) => webhooks.versions(name, options),
  diff: (name, options) => webhooks.diff(name, options),
  rollBack: (name, version) => webhooks.rollBack(name, version),
});

function fieldsOf({ task, secret, signature }: WebhookFlags): object {
  return {
    ...(task !== undefined && { task }),
    ...(secret !== undefined && { secret }),
    ...(signature !== undefined && { signature }),
  };
}
