import { randomBytes, randomUUID } from "node:crypto";
import {
  isBerthError,
  definedName,
  operations,
  secretMask,
  webhookBounds,
  type WebhookSignature,
} from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../../operations/context.ts";
import { createSecret } from "../../../operations/secrets/create-secret.ts";
import { createDefinition } from "../../../operations/tasks/definitions/create-definition.ts";
import { deleteDefinition } from "../../../operations/tasks/definitions/delete-definition.ts";
import type { Known } from "../../../operations/tasks/definitions/find-definition.ts";
import { getDefinition } from "../../../operations/tasks/definitions/get-definition.ts";
import { specOf as checkedSpec } from "../../../operations/tasks/definitions/kinds.ts";
import { runWebhook } from "../../../operations/tasks/webhooks/run-webhook.ts";
import { allDefinitions } from "../all-definitions.ts";
import { userId } from "../ids.ts";
import { addKritenRoute, type KritenDoor, listed } from "../kriten-route.ts";
import { saying } from "../refusal.ts";
import { dropSecret } from "../runner-secrets.ts";
import { derivedId, isDerivedId } from "../shape/derived-id.ts";
import { kritenId } from "../shape/job.ts";

const kind = "webhook";
const body = z.object({
  task: definedName,
  secret: z.string().max(1024).optional(),
  description: z.string().max(400).optional(),
});

const one = "/webhooks/:webhook";
const missing = { status: 500, error: "webhook not found" };
const noTask = { status: 400, error: "task doesn't exist" };
const unsigned = { status: 401, error: "webhook authentication failed." };

/** Kriten takes either signature for one webhook, so that two are defined: the second one of this ending. */
const BY_SHA512 = "-s";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function addKritenWebhooks(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { listWebhooks: list, getWebhook: show, createWebhook: create, deleteWebhook: drop } = operations;

  for (const [path, isOwn] of [
    ["/webhooks", true],
    ["/webhooks/all", false],
  ] as const)
    addKritenRoute(
      app,
      door,
      { methods: ["GET"], path, permission: list.permission },
      async ({ caller, reply }) => {
        const rows: object[] = [];
        for await (const found of allDefinitions(context, { caller, kind }))
          if (!found.name.endsWith(BY_SHA512) && (!isOwn || found.owner === caller.principal.name))
            rows.push(shownWebhook(context, found));
        return listed(reply, rows);
      },
    );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: one, permission: show.permission },
    async ({ caller, param }) => {
      const name = await webhookNamed(context, { caller, text: param("webhook") });
      const asked = getDefinition(context, { caller, kind, name });
      return shownWebhook(context, await saying(asked, { WEBHOOK_NOT_FOUND: missing }));
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["POST", "PUT"], path: "/webhooks", permission: create.permission },
    async ({ caller, ...call }) => make(context, { caller, said: call.body(body) }),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["DELETE"], path: one, permission: drop.permission },
    async ({ caller, param }) => {
      const name = await webhookNamed(context, { caller, text: param("webhook") });
      await saying(deleteDefinition(context, { caller, kind, name }), { WEBHOOK_NOT_FOUND: missing });
      await remove(context, { caller, name });
      return { msg: "webhook deleted successfully" };
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["POST"], path: "/webhooks/run/:webhook", permission: null, most: webhookBounds.body },
    async ({ caller, param, bytes, request: { headers } }) => {
      const isSha512 = headers["x-hook-signature"] !== undefined;
      const name = `${param("webhook")}${isSha512 ? BY_SHA512 : ""}`;
      const ran = runWebhook(context, { caller, name, headers, body: bytes });
      const { job } = await saying(ran, { SIGNATURE_INVALID: unsigned });
      return { msg: "job created successfully", id: kritenId(job) };
    },
  );
}

/** The secret is told here alone. */
async function make(
  context: Context,
  { caller, said }: { caller: Caller; said: z.output<typeof body> },
): Promise<object> {
  const { task, description } = said;
  const name = randomUUID();
  const given = said.secret ?? "";
  const secret = given === "" ? randomBytes(32).toString("base64") : given;
  const spec = { task, ...(description !== undefined && { description }) };
  const refusals = { TASK_NOT_FOUND: noTask };
  try {
    const define = async (called: string, signature: WebhookSignature, values: Record<string, string>) => {
      await createSecret(context, { caller, name: secretOf(called), values, short: false });
      const whole = checkedSpec(kind, { ...spec, secret: secretOf(called), signature });
      return createDefinition(context, { caller, kind, name: called, spec: whole });
    };
    await saying(define(`${name}${BY_SHA512}`, "sha512", { secret }), refusals);
    const made = await saying(define(name, "standard", keysOf(secret)), refusals);
    return { ...shownWebhook(context, made), secret };
  } catch (error) {
    await remove(context, { caller, name });
    throw error;
  }
}

/** Kriten signs with the text itself; libraries of Standard Webhooks take one that begins so for base64. */
function keysOf(secret: string): Record<string, string> {
  const text = Buffer.from(secret).toString("base64");
  return { text, ...(secret.startsWith("whsec_") && { library: secret }) };
}

/** Both, whichever of them is there. */
async function remove(context: Context, { caller, name }: { caller: Caller; name: string }): Promise<void> {
  for (const called of [name, `${name}${BY_SHA512}`]) {
    await deleteIfThere(context, { caller, name: called });
    await dropSecret(context, { caller, name: secretOf(called) });
  }
}

async function deleteIfThere(
  context: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<void> {
  try {
    await deleteDefinition(context, { caller, kind, name });
  } catch (error) {
    if (!isBerthError(error) || error.code !== "WEBHOOK_NOT_FOUND") throw error;
  }
}

function secretOf(webhook: string): string {
  return `webhook-${webhook}`;
}

/** One that was not made by this door has a name instead of an id. */
function idOf(name: string): string {
  return UUID.test(name) ? name : derivedId("webhook", name);
}

/** The name for an id, of those that the caller may see; any other text is a name itself. */
async function webhookNamed(
  context: Context,
  { caller, text }: { caller: Caller; text: string },
): Promise<string> {
  if (!isDerivedId(text)) return text;
  for await (const { name } of allDefinitions(context, { caller, kind }))
    if (idOf(name) === text) return name;
  return text;
}

function shownWebhook(context: Context, { name, owner, spec, createdAt, updatedAt }: Known<"webhook">) {
  return {
    id: idOf(name),
    owner: userId(context, owner),
    secret: secretMask,
    description: spec.description ?? "",
    task: spec.task,
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
  };
}
