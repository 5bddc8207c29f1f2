import { routes } from "../../routes.ts";
import {
  definitionQuery,
  difference,
  differenceQuery,
  listDefinitionsQuery,
  listVersionsQuery,
  rollbackBody,
} from "../../schemas/task/definition.ts";
import {
  createWebhookBody,
  updateWebhookBody,
  webhook,
  webhookList,
  webhookRun,
  webhookVersionList,
} from "../../schemas/task/webhook.ts";
import type { Operation } from "../operation.ts";

export const webhookOperations = {
  listWebhooks: {
    ...routes.listWebhooks,
    summary: "List webhooks, by name",
    permission: { resource: "webhooks", verb: "list" },
    query: listDefinitionsQuery,
    success: { status: 200, body: webhookList },
  },
  createWebhook: {
    ...routes.createWebhook,
    summary: "Have a task run where something else calls, as whoever asks for it",
    permission: { resource: "webhooks", verb: "create" },
    body: createWebhookBody,
    success: { status: 201, body: webhook },
  },
  getWebhook: {
    ...routes.getWebhook,
    summary: "Show a webhook, as it is or as it was",
    permission: { resource: "webhooks", verb: "read" },
    query: definitionQuery,
    success: { status: 200, body: webhook },
  },
  updateWebhook: {
    ...routes.updateWebhook,
    summary: "Change fields of a webhook, as a new version",
    permission: { resource: "webhooks", verb: "update" },
    body: updateWebhookBody,
    success: { status: 200, body: webhook },
  },
  deleteWebhook: {
    ...routes.deleteWebhook,
    summary: "Delete a webhook; its jobs and its secret stay",
    permission: { resource: "webhooks", verb: "delete" },
    success: { status: 204, body: null },
  },
  listWebhookVersions: {
    ...routes.listWebhookVersions,
    summary: "List what a webhook has said, newest first",
    permission: { resource: "webhooks", verb: "read" },
    query: listVersionsQuery,
    success: { status: 200, body: webhookVersionList },
  },
  diffWebhook: {
    ...routes.diffWebhook,
    summary: "Tell two versions of a webhook apart",
    permission: { resource: "webhooks", verb: "read" },
    query: differenceQuery,
    success: { status: 200, body: difference },
  },
  rollBackWebhook: {
    ...routes.rollBackWebhook,
    summary: "Put an earlier version of a webhook in force again, as a new one",
    permission: { resource: "webhooks", verb: "update" },
    body: rollbackBody,
    success: { status: 200, body: webhook },
  },
  runWebhook: {
    ...routes.runWebhook,
    summary: "Run a webhook's task with the body as its input: for whoever can sign the call",
    permission: null,
    success: { status: 202, body: webhookRun },
  },
} as const satisfies Record<string, Operation>;
