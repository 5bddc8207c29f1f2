import type { Applied, Difference, NextRuns, ScheduleRun } from "@berth/protocol";
import { unreadable } from "../../transport/translate-error.ts";
import type { Page } from "./page.ts";

/* As `answers.ts` has it for the other nouns: what this package relies on, and no further. */

export function asDefinition<Shown>(value: unknown, url: string): Shown {
  if (isRecord(value) && typeof value["version"] === "number" && isRecord(value["spec"]))
    return value as Shown;
  throw unreadable(url, "it is not a definition");
}

export function asDefinitionPage<Item>(value: unknown, url: string): Page<Item> {
  if (isRecord(value) && Array.isArray(value["items"]) && "next" in value) {
    for (const item of value["items"]) asDefinition(item, url);
    return value as unknown as Page<Item>;
  }
  throw unreadable(url, "it is not a list of definitions");
}

export function asDifference(value: unknown, url: string): Difference {
  if (isRecord(value) && Array.isArray(value["changes"])) return value as unknown as Difference;
  throw unreadable(url, "it does not tell two versions apart");
}

export function asApplied(value: unknown, url: string): Applied {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as Applied;
  throw unreadable(url, "it does not say what was applied");
}

export function asNextRuns(value: unknown, url: string): NextRuns {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as NextRuns;
  throw unreadable(url, "it does not say when a schedule is due");
}

export function asRunPage(value: unknown, url: string): Page<ScheduleRun> {
  if (isRecord(value) && Array.isArray(value["items"]) && "next" in value)
    return value as unknown as Page<ScheduleRun>;
  throw unreadable(url, "it is not a list of runs");
}

export function asSchema(value: unknown, url: string): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw unreadable(url, "it is not a schema");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
