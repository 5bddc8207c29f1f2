import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { createDefinition } from "../../../operations/tasks/definitions/create-definition.ts";
import { deleteDefinition } from "../../../operations/tasks/definitions/delete-definition.ts";
import { diffDefinition } from "../../../operations/tasks/definitions/diff-definition.ts";
import { getDefinition } from "../../../operations/tasks/definitions/get-definition.ts";
import { listDefinitions } from "../../../operations/tasks/definitions/list-definitions.ts";
import { listVersions } from "../../../operations/tasks/definitions/list-versions.ts";
import { rollBackDefinition } from "../../../operations/tasks/definitions/roll-back-definition.ts";
import { updateDefinition } from "../../../operations/tasks/definitions/update-definition.ts";
import { runWebhook } from "../../../operations/tasks/webhooks/run-webhook.ts";
import { addOperation } from "../operation-route.ts";
import { seenVersion, showDefinition, viewDefinition, viewVersion } from "../json/definition-view.ts";

const kind = "webhook";

export function addWebhooks(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "listWebhooks", async ({ caller, query }) => {
    const { items, next } = await listDefinitions(context, { caller, kind, filter: query });
    return { items: items.map(viewDefinition), next };
  });
  addOperation(app, "createWebhook", async ({ caller, body, reply }) =>
    showDefinition(reply, await createDefinition(context, { caller, kind, ...body })),
  );
  addOperation(app, "getWebhook", async ({ caller, params: { name }, query, reply }) =>
    showDefinition(reply, await getDefinition(context, { caller, kind, name, version: query.version })),
  );
  addOperation(app, "updateWebhook", async ({ caller, params: { name }, body, request, reply }) => {
    const seen = seenVersion(request);
    const changed = await updateDefinition(context, { caller, kind, name, seen, patch: body.spec });
    return showDefinition(reply, changed);
  });
  addOperation(app, "deleteWebhook", ({ caller, params: { name } }) =>
    deleteDefinition(context, { caller, kind, name }),
  );
  addOperation(app, "listWebhookVersions", async ({ caller, params: { name }, query }) => {
    const { items, next } = await listVersions(context, { caller, kind, name, filter: query });
    return { items: items.map(viewVersion), next };
  });
  addOperation(app, "diffWebhook", ({ caller, params: { name }, query }) =>
    diffDefinition(context, { caller, kind, name, ...query }),
  );
  addOperation(
    app,
    "rollBackWebhook",
    async ({ caller, params: { name }, body: { version }, request, reply }) => {
      const seen = seenVersion(request);
      return showDefinition(reply, await rollBackDefinition(context, { caller, kind, name, seen, version }));
    },
  );
  addOperation(app, "runWebhook", async ({ caller, params: { name }, request }) => {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    const { job } = await runWebhook(context, { caller, name, headers: request.headers, body });
    return { job: job.id };
  });
}
