import type { ProvenIdentity } from "../provider.ts";
import type { FarAnswer } from "../far/far-request.ts";
import { groupNames } from "../far/group-names.ts";

export type IntrospectionStyle = "json" | "rfc7662";

/** What an answer says of a token. `until`: epoch ms of its end, where it has one. */
export type Verdict =
  | { kind: "known"; identity: ProvenIdentity; until: number | null }
  /** It proves nobody. */
  | { kind: "unknown"; why: string }
  /** The server there cannot say. */
  | { kind: "unsaid"; why: string };

const longest = 255;

/** Reads an answer. Nothing but a whole and plain yes is one. */
export function readAnswer(
  { status, body }: Pick<FarAnswer, "status" | "body">,
  { style, now }: { style: IntrospectionStyle; now: number },
): Verdict {
  // By RFC 7662 a refusal is about this server's own credentials; elsewhere it is about the token.
  if (style === "json" && [400, 401, 403, 404].includes(status)) return unknown("it is not known");
  if (status !== 200) return { kind: "unsaid", why: `it answers with status ${status}` };
  const answer = parse(body);
  if (answer === null) return { kind: "unsaid", why: "its answer is no JSON object" };
  const { active } = answer;
  if (style === "rfc7662" && typeof active !== "boolean")
    return { kind: "unsaid", why: "its answer does not say whether the token is active" };
  if (active !== true && active !== undefined) return unknown("it is not active");
  return readIdentity(answer, now);
}

function readIdentity(answer: Record<string, unknown>, now: number): Verdict {
  const subject = textOf(answer["sub"]);
  if (subject === null) return unknown("the answer does not say whose it is (`sub`)");
  const until = secondsOf(answer["exp"]);
  if (until === "nonsense" || (until !== null && until <= now)) return unknown("it has expired");
  const from = secondsOf(answer["nbf"]);
  if (from === "nonsense" || (from !== null && from > now)) return unknown("it is not valid yet");
  const name = textOf(answer["preferred_username"]) ?? textOf(answer["username"]) ?? subject;
  const groups = groupNames(answer["groups"]);
  const identity = { subject, name, display: textOf(answer["name"]), groups };
  return { kind: "known", identity, until };
}

function parse(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** A number that a double cannot carry would make two of them one: only texts name somebody. */
function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value.length <= longest ? value : null;
}

/** Later than any date is never. */
const LAST_DATE_MS = 8.64e15;

function secondsOf(value: unknown): number | null | "nonsense" {
  if (value === undefined || value === null) return null;
  if (typeof value !== "number" || !Number.isFinite(value)) return "nonsense";
  return Math.min(value * 1000, LAST_DATE_MS);
}

function unknown(why: string): Verdict {
  return { kind: "unknown", why };
}
