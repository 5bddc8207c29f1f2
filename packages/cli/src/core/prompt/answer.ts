import type { Kind, Question } from "./form.ts";
import { shown, wordOf } from "./words.ts";

/** What somebody has answered, read. `nothing`: it is to be left out. */
export type Answer =
  | { kind: "value"; value: unknown }
  | { kind: "nothing" }
  | { kind: "problem"; why: string };

/** Reads what somebody has typed as an answer. An empty one is the default, or nothing. */
export function answerOf(question: Question, text: string): Answer {
  const { kind } = question;
  // Of a secret each letter counts.
  if ((kind.kind === "secret" ? text : text.trim()) === "") return emptyAnswer(question);
  const read = valueOf(kind, text);
  if ("why" in read) return { kind: "problem", why: read.why };
  const why = question.problem(read.value);
  return why === null ? { kind: "value", value: read.value } : { kind: "problem", why };
}

function emptyAnswer({ required, default: usual }: Question): Answer {
  if (required && usual === undefined) return { kind: "problem", why: "is wanted" };
  return { kind: "nothing" };
}

function valueOf(kind: Kind, text: string): { value: unknown } | { why: string } {
  switch (kind.kind) {
    case "text":
    case "secret":
      return { value: text };
    case "number":
      return numberOf(text, kind);
    case "boolean":
      return booleanOf(text.trim().toLowerCase());
    case "enum": {
      const found = kind.values.findIndex((value) => shown(value) === text.trim());
      return found === -1 ? { why: `must be ${wordOf(kind)}` } : { value: kind.values[found] };
    }
    case "list": {
      const read = text.split(",").map((part) => valueOf(kind.of, part.trim()));
      const wrong = read.find((one) => "why" in one);
      return wrong ?? { value: read.map((one) => ("value" in one ? one.value : undefined)) };
    }
    case "json":
      return jsonOf(text);
  }
}

function numberOf(text: string, { isWhole }: { isWhole: boolean }): { value: unknown } | { why: string } {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) return { why: `must be a ${isWhole ? "whole number" : "number"}` };
  if (isWhole && !Number.isInteger(value)) return { why: "must be a whole number" };
  // A double would make another one of it.
  if (isWhole && !Number.isSafeInteger(value)) return { why: "is too large to be typed here: use --input" };
  return { value };
}

function booleanOf(text: string): { value: unknown } | { why: string } {
  if (["y", "yes", "true", "1"].includes(text)) return { value: true };
  if (["n", "no", "false", "0"].includes(text)) return { value: false };
  return { why: "must be yes or no" };
}

function jsonOf(text: string): { value: unknown } | { why: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { why: 'must be JSON, as ["a", 1] or {"a": 1}; texts have quotes' };
  }
}
