import { type Secret, secretMask } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { createSecret } from "../../../operations/secrets/create-secret.ts";
import { deleteSecret } from "../../../operations/secrets/delete-secret.ts";
import { getSecret } from "../../../operations/secrets/get-secret.ts";
import { listSecrets } from "../../../operations/secrets/list-secrets.ts";
import { rotateSecretKey } from "../../../operations/secrets/rotate-secret-key.ts";
import { updateSecret } from "../../../operations/secrets/update-secret.ts";
import { addOperation } from "../operation-route.ts";

export function addSecrets(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "listSecrets", async ({ caller }) => ({
    items: (await listSecrets(context, { caller })).map(view),
  }));
  addOperation(app, "createSecret", async ({ caller, body: { short = false, ...body } }) =>
    view(await createSecret(context, { caller, short, ...body })),
  );
  addOperation(app, "rotateSecretKey", ({ caller }) => rotateSecretKey(context, { caller }));
  addOperation(app, "getSecret", async ({ caller, params: { name } }) =>
    view(await getSecret(context, { caller, name })),
  );
  addOperation(app, "updateSecret", async ({ caller, params: { name }, body: { values, short = false } }) =>
    view(await updateSecret(context, { caller, name, values, short })),
  );
  addOperation(app, "deleteSecret", ({ caller, params: { name } }) =>
    deleteSecret(context, { caller, name }),
  );
}

type Known = Awaited<ReturnType<typeof getSecret>>;

/** Each value as the mask, whatever it holds and however long it is. */
function view({ name, source, version, keys, createdAt, updatedAt }: Known): Secret {
  const values = Object.fromEntries(keys.map((key) => [key, secretMask]));
  return { name, source, version, createdAt: isoOrNull(createdAt), updatedAt: isoOrNull(updatedAt), values };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
