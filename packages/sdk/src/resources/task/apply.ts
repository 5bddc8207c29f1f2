import type { Applied, DefinitionsInput } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import { asApplied } from "./task-answers.ts";

export interface ApplyOptions extends SignalOptions {
  /** Check it all and tell what would change, and change nothing. Default false. */
  dryRun?: boolean | undefined;
}

/** All of them are checked before the first is written: some take a while for many schemas. */
const PATIENT_MS = 300_000;

export async function applyDefinitions(
  rest: Rest,
  definitions: DefinitionsInput,
  { dryRun, signal }: ApplyOptions,
): Promise<Applied> {
  const query = { dryRun: dryRun === undefined ? undefined : String(dryRun) };
  const call = { route: routes.applyDefinitions, query, body: definitions, signal, timeoutMs: PATIENT_MS };
  // The same again changes nothing more: it may be sent anew where nobody answered.
  return asApplied(await rest.json(call), rest.url);
}
