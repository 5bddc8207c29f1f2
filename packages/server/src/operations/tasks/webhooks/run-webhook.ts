import { randomBytes } from "node:crypto";
import { BerthError, isBerthError, type WebhookSpec } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Definition } from "../../../core/task/definition.ts";
import {
  keysIn,
  type Message,
  type SignedCall,
  type SignedMessage,
  verify,
} from "../../../core/task/webhook-signature.ts";
import { asOwner } from "../../access/as-owner.ts";
import type { Context } from "../../context.ts";
import { specText } from "../definitions/find-definition.ts";
import { messageReplayed } from "../../jobs/submit/message-replayed.ts";
import { type Run, runTask } from "../run-task.ts";

export interface WebhookCall extends SignedCall {
  name: string;
  /** Whoever called, who has said nothing of itself. */
  caller: Caller;
}

/** Signs nothing that anybody has: what is not there takes as long as what is. */
const nobodys = randomBytes(32);
const NO_SECRET = "-";
/** Longer than a call is good for, as senders try again for hours, and clocks are set. */
const REMEMBERED_MS = 24 * 60 * 60_000;

/**
 * Runs the task of a webhook with the body as its input, as the webhook's owner, who must be allowed to by now; a call by
 * Standard Webhooks once. Throws SIGNATURE_INVALID, also for what is not there, MESSAGE_REPLAYED, and what running a task does.
 */
export async function runWebhook(context: Context, call: WebhookCall): Promise<Run> {
  const { audit } = context;
  const { name, caller, body } = call;
  const { definition, spec, message } = await judge(context, call);
  if (definition === null || spec === null || message === null) {
    audit.note(
      audit.entry(caller, {
        verb: "execute",
        resource: "webhooks",
        name,
        outcome: "denied",
        about: { why: "signature" },
      }),
    );
    throw new BerthError(
      "SIGNATURE_INVALID",
      `Cannot run webhook "${name}": nobody here has signed this call`,
    );
  }
  const key =
    message.message === null ? null : `webhook\n${definition.createdAt}\n${name}\n${message.message}`;
  const owner = asOwner(context, definition.owner, {
    door: "webhook",
    credential: { kind: "webhook", id: name },
    address: caller.address,
    requestId: caller.requestId,
  });
  const origin = `webhook ${name}`;
  const asked = {
    caller: owner,
    name: spec.task,
    input: body,
    idempotencyKey: key,
    origin,
    message: toRemember(context, call, message),
  };
  const run = await once(runTask(context, asked), { name, message });
  if (run.replayed) throw messageReplayed(name, `job ${run.job.id} came of it`);
  return run;
}

function toRemember(
  { now }: Context,
  { name }: WebhookCall,
  { message: id }: Message,
): SignedMessage | undefined {
  const at = now();
  return id === null ? undefined : { webhook: name, id, at, keptUntil: at + REMEMBERED_MS };
}

async function judge(
  { store, secrets, now }: Context,
  { name, headers, body }: WebhookCall,
): Promise<{ definition: Definition | null; spec: WebhookSpec | null; message: Message | null }> {
  const definition = await store.definitions.get("webhook", name);
  const spec = definition === null ? null : specText<"webhook">(definition.spec);
  const { signature = "standard", secret = NO_SECRET } = spec ?? {};
  const keys = keysIn(signature, (await secrets.pin(secret))?.values ?? new Map());
  const tried = keys.length > 0 ? keys : [nobodys];
  const message = await verify({ headers, body }, { signature, keys: tried, now: now() });
  return { definition, spec, message };
}

/** The same id with another body, or since the task has changed, is no other call. */
async function once(run: Promise<Run>, { name, message }: { name: string; message: Message }): Promise<Run> {
  try {
    return await run;
  } catch (error) {
    if (message.message === null || !isBerthError(error) || error.code !== "IDEMPOTENCY_CONFLICT")
      throw error;
    throw messageReplayed(name, "its id came before, with another body or for another version of the task");
  }
}
