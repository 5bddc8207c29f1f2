import { routes } from "../routes.ts";
import { serverReport } from "../schemas/server-report.ts";
import type { Operation } from "./operation.ts";

export const serverOperations = {
  inspectServer: {
    ...routes.inspectServer,
    summary: "Look at what the server stands on: its database, and the trust in certificates",
    permission: { resource: "server", verb: "read" },
    success: { status: 200, body: serverReport },
  },
} as const satisfies Record<string, Operation>;
