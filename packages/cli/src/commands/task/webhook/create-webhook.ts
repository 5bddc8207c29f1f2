import { exitCodes } from "../../../core/exit-codes.ts";
import { nameAnd } from "../definition-action.ts";
import { readSpec } from "../read-spec.ts";
import { showDefinition } from "../show-definition.ts";
import type { WebhookAction } from "./webhook-action.ts";

/** As Standard Webhooks recommend it. */
const SECRET_BYTES = 32;

/** Where no secret is named one is made, and shown this once, for whoever is to call. */
export async function createWebhook(action: WebhookAction): Promise<number> {
  const { cli, own } = action;
  const [name] = nameAnd(action, { action: "create" });
  const spec = await readSpec(action);
  const berth = await cli.connectAsUser();
  const calls = action.calls(berth);
  const at = `${berth.url}/api/v1/webhooks/${name}/run`;
  if ("secret" in spec) {
    await showDefinition(await calls.create(name, spec), action);
    if (!own.json) await cli.err.line(`berth: call it by POST ${at}`);
    return exitCodes.ok.code;
  }
  const secret = `webhook-${name}`;
  const text = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES))).toString("base64")}`;
  await berth.secrets.create(secret, { values: { key: text } });
  const made = await calls.create(name, { ...spec, secret }).catch(async (error: unknown) => {
    // Nobody has seen it: a second try makes another.
    await berth.secrets.delete(secret).catch(() => undefined);
    throw error;
  });
  if (own.json) await cli.out.json({ ...made, secret: text });
  else {
    await showDefinition(made, action);
    await cli.err.line(`berth: call it by POST ${at}, signed with this secret, which is not shown again:`);
    await cli.out.line(text);
  }
  return exitCodes.ok.code;
}
