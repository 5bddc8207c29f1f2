import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { inspectServer } from "../../../operations/server/inspect-server.ts";
import { addOperation } from "../operation-route.ts";

export function addServer(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "inspectServer", ({ caller }) => inspectServer(context, { caller }));
}
