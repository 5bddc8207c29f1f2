import { accounts } from "./accounts.ts";
import { clients } from "./clients.ts";
import { doors } from "./doors.ts";
import type { Guard } from "./guard.ts";
import { native } from "./native.ts";
import { recovery } from "./recovery.ts";
import { sandbox } from "./sandbox.ts";
import { stages } from "./stages.ts";

/**
 * Every row has been run, and seen to fail, but "the end of a job has its room on the disk", whose test has not run with it in place, and
 * "a sandbox that waited serves one job", whose test passes without it.
 */
export const guards: readonly Guard[] = [
  ...recovery,
  ...accounts,
  ...clients,
  ...doors,
  ...sandbox,
  ...native,
  ...stages,
];
