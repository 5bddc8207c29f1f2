import { accessOperations } from "./access.ts";
import { applyOperations } from "./task/apply.ts";
import { auditOperations } from "./audit.ts";
import { accountOperations } from "./accounts.ts";
import { certificateOperations } from "./certificates.ts";
import { engineOperations } from "./engines.ts";
import { jobOperations } from "./jobs.ts";
import { networkOperations } from "./networks.ts";
import type { Operation } from "./operation.ts";
import { quotaOperations } from "./quotas.ts";
import { secretOperations } from "./secrets.ts";
import { webhookOperations } from "./task/webhooks.ts";
import { serverOperations } from "./server.ts";
import { tokenOperations } from "./tokens.ts";
import { runnerOperations, scheduleOperations, taskOperations } from "./task/tasks.ts";
import { uploadOperations } from "./uploads.ts";

/** All that users can do, in the order in which the documents show it. */
export const operations = {
  ...jobOperations,
  // Before those whose answers have the same parts: documents show these as they are answered.
  ...applyOperations,
  ...runnerOperations,
  ...taskOperations,
  ...scheduleOperations,
  ...webhookOperations,
  ...uploadOperations,
  ...certificateOperations,
  ...networkOperations,
  ...secretOperations,
  ...serverOperations,
  ...engineOperations,
  ...accessOperations,
  ...accountOperations,
  ...tokenOperations,
  ...quotaOperations,
  ...auditOperations,
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
