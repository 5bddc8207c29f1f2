import { routes } from "../routes.ts";
import { engineList } from "../schemas/engine.ts";
import type { Operation } from "./operation.ts";

export const engineOperations = {
  listEngines: {
    ...routes.listEngines,
    summary: "Show the engines and what this host can enforce",
    permission: { resource: "engines", verb: "list" },
    success: { status: 200, body: engineList },
  },
} as const satisfies Record<string, Operation>;
