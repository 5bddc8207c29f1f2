import { entryOf } from "../../../core/audit/record.ts";
import { derivedId } from "./derived-id.ts";

/** What Kriten has for nobody. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** What of a stored record Kriten's clients know. */
export function auditRow(
  { chain, seq, n, text }: { chain: string; seq: number; n: number; text: string },
  userId: (name: string) => string,
) {
  const { at, account, verb, resource, name, outcome, credential } = entryOf(text);
  const time = new Date(at).toISOString();
  return {
    id: derivedId("audit", `${chain}-${seq}-${n}`),
    user_id: account === null ? NOBODY : userId(account),
    username: account ?? "",
    provider: credential?.kind ?? "local",
    event_type: verb,
    event_category: resource,
    event_target: name ?? "*",
    status: outcome === "done" ? "success" : "error",
    created_at: time,
    updated_at: time,
  };
}
