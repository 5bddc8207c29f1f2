import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { listEngines } from "../../../operations/server/list-engines.ts";
import { addOperation } from "../operation-route.ts";

export function addEngines(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "listEngines", ({ caller }) => listEngines(context, { caller }));
}
