import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { deleteQuota } from "../../../operations/quotas/delete-quota.ts";
import { getQuota } from "../../../operations/quotas/get-quota.ts";
import { listQuotas } from "../../../operations/quotas/list-quotas.ts";
import { setQuota } from "../../../operations/quotas/set-quota.ts";
import { addOperation } from "../operation-route.ts";

export function addQuotas(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "listQuotas", async ({ caller }) => ({ items: await listQuotas(context, { caller }) }));

  addOperation(app, "getQuota", ({ caller, params: { user: name }, query: { kind } }) =>
    getQuota(context, { caller, kind, name }),
  );

  addOperation(app, "setQuota", ({ caller, params: { user: name }, query: { kind }, body }) =>
    setQuota(context, { caller, kind, name, bounds: body }),
  );

  addOperation(app, "deleteQuota", ({ caller, params: { user: name }, query: { kind } }) =>
    deleteQuota(context, { caller, kind, name }),
  );
}
