import { accounts } from "./accounts.ts";
import { auditTrail } from "./audit.ts";
import { browsers } from "./browsers.ts";
import { clients } from "./clients.ts";
import { definitions } from "./definitions.ts";
import { deliveries } from "./deliveries.ts";
import { doors } from "./doors.ts";
import { escalation } from "./escalation.ts";
import { far } from "./far.ts";
import type { Guard } from "./guard.ts";
import { kritenDoor } from "./kriten.ts";
import { logins } from "./logins.ts";
import { native } from "./native.ts";
import { networks } from "./networks.ts";
import { recovery } from "./recovery.ts";
import { retries } from "./retries.ts";
import { rights } from "./rights.ts";
import { sandbox } from "./sandbox.ts";
import { schedulesAndWebhooks } from "./schedules.ts";
import { secrets } from "./secrets.ts";
import { sources } from "./sources.ts";
import { stages } from "./stages.ts";
import { uploads } from "./uploads.ts";

/** Every row has been run, and seen to fail. */
export const guards: readonly Guard[] = [
  ...recovery,
  ...accounts,
  ...auditTrail,
  ...browsers,
  ...clients,
  ...definitions,
  ...deliveries,
  ...doors,
  ...escalation,
  ...far,
  ...kritenDoor,
  ...logins,
  ...retries,
  ...rights,
  ...sandbox,
  ...native,
  ...networks,
  ...schedulesAndWebhooks,
  ...secrets,
  ...sources,
  ...stages,
  ...uploads,
];
