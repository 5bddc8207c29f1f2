import { routes } from "../../routes.ts";
import { applied, applyBody, applyQuery } from "../../schemas/task/apply.ts";
import type { Operation } from "../operation.ts";

export const applyOperations = {
  applyDefinitions: {
    ...routes.applyDefinitions,
    summary: "Have roles, runners, tasks and so on be as they are written, all of them or none",
    // To ask is everybody's: of each entry is asked what defining it alone takes.
    permission: { resource: "access", verb: "read" },
    query: applyQuery,
    body: applyBody,
    success: { status: 200, body: applied },
  },
} as const satisfies Record<string, Operation>;
