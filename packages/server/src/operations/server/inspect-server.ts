import { type Check, operations, type ServerReport } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { auditChecks } from "./audit-checks.ts";
import { databaseChecks } from "./database-checks.ts";
import { networkTrials } from "./network-trials.ts";
import { quotaChecks } from "./quota-checks.ts";
import { type RestDoor, restChecks } from "./rest-checks.ts";
import { secretChecks } from "./secret-checks.ts";
import { trustChecks } from "./trust-checks.ts";

/** What the server stands on beside its engines, each part with how to mend it. */
export async function inspectServer(
  context: Context,
  { caller, rest, examineLogins }: { caller: Caller; rest: RestDoor; examineLogins: () => Promise<Check[]> },
): Promise<ServerReport> {
  await context.access.demand(caller, operations.inspectServer.permission);
  const report = await context.store.inspect();
  const { kind, place } = report;
  return {
    database: { kind, place, checks: databaseChecks(report) },
    // What is in it cannot be told where it cannot be read.
    trust: {
      checks: [
        ...restChecks(rest, context.now()),
        ...(report.failure === null
          ? [
              ...(await trustChecks(context)),
              ...(await secretChecks(context)),
              ...(await auditChecks(context)),
              ...(await quotaChecks(context)),
            ]
          : []),
      ],
    },
    logins: { checks: await examineLogins() },
    network: { trials: networkTrials() },
  };
}
