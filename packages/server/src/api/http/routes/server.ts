import type { Check } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { inspectServer } from "../../../operations/server/inspect-server.ts";
import { listEngines } from "../../../operations/server/list-engines.ts";
import type { RestDoor } from "../../../operations/server/rest-checks.ts";
import { addOperation } from "../operation-route.ts";

export function addServer(
  app: FastifyInstance,
  {
    context,
    rest,
    examineLogins,
  }: { context: Context; rest: RestDoor; examineLogins: () => Promise<Check[]> },
): void {
  addOperation(app, "listEngines", ({ caller }) => listEngines(context, { caller }));
  addOperation(app, "inspectServer", ({ caller }) => inspectServer(context, { caller, rest, examineLogins }));
}
