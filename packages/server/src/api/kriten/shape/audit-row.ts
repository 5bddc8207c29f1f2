import { entryOf } from "../../../core/audit/record.ts";

/** What of a stored record Kriten's clients know. */
export function auditRow({ chain, seq, n, text }: { chain: string; seq: number; n: number; text: string }) {
  const { at, account, verb, resource, name, outcome, credential } = entryOf(text);
  const time = new Date(at).toISOString();
  return {
    id: `${chain}-${seq}-${n}`,
    user_id: account ?? "",
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
