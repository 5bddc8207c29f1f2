import type { Problem } from "@berth/sdk";
import { UsageError } from "../../core/usage-error.ts";
import type { GivenFile } from "./read-files.ts";
import type { readYaml as ReadYamlFile, YamlFile } from "./yaml-file.ts";

type ReadYaml = typeof ReadYamlFile;

/** What all files say together, as one request. */
export interface Gathered {
  body: Readonly<Record<string, unknown>>;
  /** A problem that the server names, with the file and the line where it stands. */
  placed: (problem: Problem) => Problem;
}

interface Read {
  name: string;
  file: YamlFile;
}

type Path = readonly (string | number)[];

/** Lists of one name go behind one another, in the order of the files. */
export function gather(files: readonly GivenFile[], readYaml: ReadYaml): Gathered {
  const body = new Map<string, unknown>();
  /** Where each list, and each entry of it, comes from. */
  const origins = new Map<string, { read: Read; path: Path }[]>();
  const whole = new Map<string, Read>();
  for (const { name, file, mapping } of readAll(files, readYaml)) {
    const read = { name, file };
    for (const [key, value] of Object.entries(mapping)) {
      const before = body.get(key);
      whole.set(key, read);
      if (value === null) body.set(key, before ?? []);
      else if (!Array.isArray(value) || !(before === undefined || Array.isArray(before)))
        body.set(key, value);
      else {
        body.set(key, [...((before as unknown[] | undefined) ?? []), ...(value as unknown[])]);
        const known = origins.get(key) ?? [];
        origins.set(key, [...known, ...value.map((_, at) => ({ read, path: [key, at] }))]);
      }
    }
  }
  const placed = (problem: Problem): Problem => {
    const [key = "", at, ...rest] = pathOf(problem.field);
    const origin = typeof at === "number" ? origins.get(String(key))?.[at] : undefined;
    const read = origin?.read ?? whole.get(String(key));
    if (read === undefined) return problem;
    const path = origin === undefined ? [key] : [...origin.path, ...rest];
    const field = origin === undefined ? problem.field : nameOf(origin.path, problem.field);
    return { ...problem, field: `${read.name}:${read.file.lineOf(path)} ${field}` };
  };
  return { body: Object.fromEntries(body), placed };
}

function readAll(files: readonly GivenFile[], readYaml: ReadYaml): (Read & { mapping: object })[] {
  const problems: string[] = [];
  const read = files.flatMap(({ name, text }) => {
    const file = readYaml(text);
    if ("problems" in file) {
      problems.push(...file.problems.map(({ line, message }) => `  ${name}:${line} ${message}`));
      return [];
    }
    const { value } = file;
    if (value === null || value === undefined) return [];
    if (typeof value !== "object" || Array.isArray(value)) {
      problems.push(`  ${name}:1 must hold lists: roles, bindings, runners, tasks, schedules, webhooks`);
      return [];
    }
    return [{ name, file, mapping: value }];
  });
  if (problems.length > 0) {
    const lines = problems.slice(0, MOST_SHOWN);
    const more = problems.length - lines.length;
    if (more > 0) lines.push(`  and ${more} more`);
    throw new UsageError("Cannot read the definitions", "Correct what is named above", { lines });
  }
  return read;
}

const MOST_SHOWN = 20;

/** `tasks[5].spec.input["a b"]` as a path. */
function pathOf(field: string): Path {
  const parts: (string | number)[] = [];
  for (const [, plain, index, quoted] of field.matchAll(/([\w$]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)) {
    if (plain !== undefined) parts.push(plain);
    else if (index !== undefined) parts.push(Number(index));
    else if (quoted !== undefined) parts.push(JSON.parse(quoted) as string);
  }
  return parts;
}

/** The field with the place that its entry has in its own file. */
function nameOf([key, at]: Path, field: string): string {
  return field.replace(/^\w+\[\d+\]/, `${key}[${at}]`);
}
