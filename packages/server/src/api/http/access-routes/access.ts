import type { FastifyInstance } from "fastify";
import { explainAccess } from "../../../operations/access/explain-access.ts";
import { whoAmI } from "../../../operations/access/who-am-i.ts";
import type { Context } from "../../../operations/context.ts";
import { addOperation } from "../operation-route.ts";

export function addAccess(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "whoAmI", ({ caller }) => whoAmI(context, { caller }));

  addOperation(app, "explainAccess", ({ caller, query: { verb, resource, principal = null, owner, name } }) =>
    explainAccess(context, { caller, permission: { verb, resource }, principal, owner, name }),
  );
}
