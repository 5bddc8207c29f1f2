import type { Webhook, WebhookPatch, WebhookSpecInput } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { Definitions } from "./definitions.ts";

/**
 * Tasks that are run where something else calls, as whoever made the webhook: `POST /api/v1/webhooks/NAME/run`, signed with the
 * secret that it names. A task that webhooks belong to cannot be deleted.
 *
 * @example
 * ```ts
 * await berth.secrets.create("deploy-hook", { key: `whsec_${randomBytes(32).toString("base64")}` });
 * await berth.webhooks.create("deploy-on-push", { task: "deploy", secret: "deploy-hook" });
 * ```
 */
export class Webhooks extends Definitions<Webhook, WebhookSpecInput, WebhookPatch> {
  constructor(rest: Rest) {
    super(rest, {
      list: routes.listWebhooks,
      create: routes.createWebhook,
      get: routes.getWebhook,
      update: routes.updateWebhook,
      delete: routes.deleteWebhook,
      versions: routes.listWebhookVersions,
      diff: routes.diffWebhook,
      rollBack: routes.rollBackWebhook,
    });
  }
}
