import type { Migration } from "kysely/migration";
import { up as jobs } from "./0001-jobs.ts";
import { up as tokens } from "./0002-tokens.ts";
import { up as probe } from "./0003-probe.ts";
import { up as runTimeout } from "./0004-run-timeout.ts";
import { up as jobNames } from "./0005-job-names.ts";
import { up as stages } from "./0006-stages.ts";
import { up as submittedSinceBoot } from "./0007-submitted-since-boot.ts";
import { up as certificates } from "./0008-certificates.ts";
import { up as uploads } from "./0009-uploads.ts";
import { up as queue } from "./0010-queue.ts";
import { up as claims } from "./0011-claims.ts";
import { up as networks } from "./0012-networks.ts";
import { up as bindings } from "./0013-bindings.ts";
import { up as tokenUse } from "./0014-token-use.ts";
import { up as accounts } from "./0015-accounts.ts";
import { up as secrets } from "./0016-secrets.ts";
import { up as sessions } from "./0017-sessions.ts";
import { up as fairShare } from "./0018-fair-share.ts";
import { up as audit } from "./0019-audit.ts";
import { up as groups } from "./0020-groups.ts";
import { up as quotas } from "./0021-quotas.ts";
import { up as tokenScope } from "./0022-token-scope.ts";
import { up as sessionTurns } from "./0023-session-turns.ts";
import { up as auditShipping } from "./0024-audit-shipping.ts";
import { up as quotasOfAll } from "./0025-quotas-of-all.ts";
import { up as definitions } from "./0026-definitions.ts";
import { up as firstVersion } from "./0027-first-version.ts";
import { up as source } from "./0028-source.ts";
import { up as runsOfTasks } from "./0029-runs-of-tasks.ts";
import { up as credentialMakers } from "./0030-credential-makers.ts";
import { up as jobAlias } from "./0031-job-alias.ts";
import { up as roomOfTasks } from "./0032-room-of-tasks.ts";
import { up as schedules } from "./0033-schedules.ts";
import { up as webhookMessages } from "./0034-webhook-messages.ts";
import { up as deliveries } from "./0035-deliveries.ts";
import { up as retries } from "./0036-retries.ts";
import { up as listsOfOwners } from "./0037-lists-of-owners.ts";
import { up as statesOfRuns } from "./0038-states-of-runs.ts";

/** Every change of the schema, oldest first. A published one never changes: add another. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-jobs": { up: jobs },
  "0002-tokens": { up: tokens },
  "0003-probe": { up: probe },
  "0004-run-timeout": { up: runTimeout },
  "0005-job-names": { up: jobNames },
  "0006-stages": { up: stages },
  "0007-submitted-since-boot": { up: submittedSinceBoot },
  "0008-certificates": { up: certificates },
  "0009-uploads": { up: uploads },
  "0010-queue": { up: queue },
  "0011-claims": { up: claims },
  "0012-networks": { up: networks },
  "0013-bindings": { up: bindings },
  "0014-token-use": { up: tokenUse },
  "0015-accounts": { up: accounts },
  "0016-secrets": { up: secrets },
  "0017-sessions": { up: sessions },
  "0018-fair-share": { up: fairShare },
  "0019-audit": { up: audit },
  "0020-groups": { up: groups },
  "0021-quotas": { up: quotas },
  "0022-token-scope": { up: tokenScope },
  "0023-session-turns": { up: sessionTurns },
  "0024-audit-shipping": { up: auditShipping },
  "0025-quotas-of-all": { up: quotasOfAll },
  "0026-definitions": { up: definitions },
  "0027-first-version": { up: firstVersion },
  "0028-source": { up: source },
  "0029-runs-of-tasks": { up: runsOfTasks },
  "0030-credential-makers": { up: credentialMakers },
  "0031-job-alias": { up: jobAlias },
  "0032-room-of-tasks": { up: roomOfTasks },
  "0033-schedules": { up: schedules },
  "0034-webhook-messages": { up: webhookMessages },
  "0035-deliveries": { up: deliveries },
  "0036-retries": { up: retries },
  "0037-lists-of-owners": { up: listsOfOwners },
  "0038-states-of-runs": { up: statesOfRuns },
};
