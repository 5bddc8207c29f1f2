import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as yaml from "yaml";
import { closestName } from "../lib/text/closest-name.ts";

/** What a settings file says: the text of each known key by its path, and what is wrong with the file. */
export interface SettingsFile {
  values: ReadonlyMap<string, string>;
  /** What stands at the places of lists and maps, unread. */
  sections: ReadonlyMap<string, unknown>;
  problems: readonly string[];
}

/** The places of settings. */
export interface KnownPlaces {
  /** Of those that are one value. */
  known: readonly string[];
  /** Of those that are a list or a map. */
  sections: readonly string[];
}

const LARGEST_FILE = 2 ** 20;
const load = createRequire(import.meta.url);

/** Reads berth.yaml. A file that is not there is an empty one, unless the operator named it. */
export function readSettingsFile(
  path: string,
  { required, ...places }: { required: boolean } & KnownPlaces,
): SettingsFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOENT" && !required) return nothing();
    return nothing(`${path} must be a file that can be read: ${code}`);
  }
  if (text.length > LARGEST_FILE) return nothing(`${path} must be at most 1 MiB`);
  return parseSettings(text, { path, ...places });
}

/** What a file says that is not there, or cannot be read. */
export function nothing(...problems: readonly string[]): SettingsFile {
  return { values: new Map(), sections: new Map(), problems };
}

/** The same for a text; `path` names it in problems. */
function parseSettings(
  text: string,
  { path, known, sections: places }: { path: string } & KnownPlaces,
): SettingsFile {
  const read = readYaml(text);
  if ("faults" in read) return nothing(...read.faults.map((fault) => `${path} must be YAML: ${fault}`));
  if (read.root === null) return nothing();
  if (!isMapping(read.root)) return nothing(`${path} must be a mapping of settings`);

  const values = new Map<string, string>();
  const sections = new Map<string, unknown>();
  const problems: string[] = [];
  const all = [...known, ...places];
  const groups = new Set(all.flatMap((name) => name.split(".").slice(0, -1)));
  const walk = (mapping: Record<string, unknown>, prefix: string): void => {
    for (const [name, value] of Object.entries(mapping)) {
      const at = prefix + name;
      if (places.includes(at)) {
        // A name with nothing behind it is not set.
        if (value !== null) sections.set(at, value);
      } else if (known.includes(at)) {
        if (isScalar(value)) values.set(at, String(value));
        else problems.push(`${at} in ${path} must be a single value`);
      } else if (groups.has(at)) {
        if (isMapping(value)) walk(value, `${at}.`);
        else problems.push(`${at} in ${path} must be a mapping of settings`);
      } else problems.push(unknownSetting(`${at} in ${path}`, meantSetting(at, all)));
    }
  };
  walk(read.root, "");
  return { values, sections, problems };
}

/** A document as its value, or what is wrong with it. */
export function readYaml(text: string): { root: unknown } | { faults: string[] } {
  // Loaded here: a server without such a file does without its reader.
  const { parseDocument } = load("yaml") as typeof yaml;
  const document = parseDocument(text);
  if (document.errors.length > 0) return { faults: document.errors.map(firstLine) };
  try {
    const root: unknown = document.toJS({ maxAliasCount: 100 });
    return { root };
  } catch (error) {
    return { faults: [firstLine(error)] };
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0] ?? "";
}

/** Names that are nearer to another setting than to the one that does what they say. */
const calledOtherwise: Readonly<Record<string, string>> = {
  BERTH_ENGINES: "BERTH_MORE_ENGINES",
  engines: "moreEngines",
};

/** The setting that was probably meant by a name that is none; null where none is near. */
export function meantSetting(name: string, known: readonly string[]): string | null {
  return calledOtherwise[name] ?? closestName(name, known);
}

export function unknownSetting(where: string, meant: string | null): string {
  return `${where} is not a setting${meant === null ? "" : `: did you mean ${meant}?`}`;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
