import type { Kind } from "./form.ts";

/** What a value is called, as in `whole number` or `one of a, b`. */
export function wordOf(kind: Kind): string {
  switch (kind.kind) {
    case "number":
      return kind.isWhole ? "whole number" : "number";
    case "boolean":
      return "yes or no";
    case "enum":
      return `one of ${kind.values.map(shown).join(", ")}`;
    case "list":
      return `${wordOf(kind.of)}s, with commas between`;
    case "json":
      return "JSON";
    default:
      return kind.kind;
  }
}

/** A value as one types it. */
export function shown(value: unknown): string {
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}
