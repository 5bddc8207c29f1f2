import type { Launch } from "../../../engines/engine.ts";

/** What one step adds to a launch. */
export interface LaunchPart {
  env?: Launch["env"];
  files?: Launch["files"];
  stdin?: NonNullable<Launch["stdin"]>;
  output?: Launch["output"];
  root?: Launch["root"];
  mounts?: Launch["mounts"];
  network?: Launch["network"];
  secrets?: NonNullable<Launch["secrets"]>;
}

type Merged = Pick<Launch, "env" | "files" | "stdin" | "output" | "root" | "mounts" | "network" | "secrets">;

/**
 * All parts as one. Variables, files and mounts come together; of what a launch has once, one step gives it. Two that give the
 * same thing differently contradict each other, and the launch is not made: neither would get what it asked for.
 */
export function mergeParts(parts: readonly LaunchPart[]): Merged {
  return {
    env: variablesOf(parts),
    files: apart(
      "file",
      parts,
      ({ files = [] }) => files,
      ({ name }) => name,
    ),
    stdin: onlyOne("stdin", parts) ?? null,
    output: needed("output", parts),
    root: needed("root", parts),
    mounts: apart(
      "mount",
      parts,
      ({ mounts = [] }) => mounts,
      ({ at }) => at,
    ),
    network: needed("network", parts),
    secrets: onlyOne("secrets", parts) ?? null,
  };
}

/** Lists of several parts as one, in which no two have one place. What one part gives is its own to keep apart. */
function apart<Item>(
  what: string,
  parts: readonly LaunchPart[],
  listOf: (part: LaunchPart) => readonly Item[],
  placeOf: (item: Item) => string,
): readonly Item[] {
  const lists = parts.map(listOf).filter((list) => list.length > 0);
  const [only = []] = lists;
  if (lists.length <= 1) return only;
  const taken = new Set<string>();
  for (const list of lists) {
    const places = list.map(placeOf);
    const twice = places.find((place) => taken.has(place));
    if (twice !== undefined) throw new Error(`Two steps give a ${what} "${twice}" of this launch`);
    for (const place of places) taken.add(place);
  }
  return lists.flat();
}

function variablesOf(parts: readonly LaunchPart[]): Launch["env"] {
  const all = parts.flatMap(({ env }) => (env === undefined ? [] : [env]));
  const [first] = all;
  // The variables of most launches come from one step, and are then not copied.
  if (first === undefined || all.length === 1) return first ?? {};
  const merged = new Map<string, string>();
  for (const [name, value] of all.flatMap((env) => Object.entries(env))) {
    if (merged.has(name) && merged.get(name) !== value)
      throw new Error(`Two steps give the variable "${name}" of this launch different values`);
    merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

function needed<Name extends "output" | "root" | "network">(
  name: Name,
  parts: readonly LaunchPart[],
): NonNullable<LaunchPart[Name]> {
  const given = onlyOne(name, parts);
  if (given === undefined) throw new Error(`No step gives the ${name} of this launch`);
  return given;
}

function onlyOne<Name extends "stdin" | "output" | "root" | "network" | "secrets">(
  name: Name,
  parts: readonly LaunchPart[],
): LaunchPart[Name] | undefined {
  const given = parts.flatMap((part) => (part[name] === undefined ? [] : [part[name]]));
  if (given.length > 1) throw new Error(`Two steps give the ${name} of this launch`);
  return given[0];
}
