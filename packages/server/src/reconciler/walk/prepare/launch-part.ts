import type { Launch } from "../../../engines/engine.ts";

/** What one step adds to a launch. */
export interface LaunchPart {
  env?: Launch["env"];
  files?: Launch["files"];
  stdin?: NonNullable<Launch["stdin"]>;
  output?: Launch["output"];
}

/**
 * All parts as one. Variables and files come together; of what a launch has once, one step gives it. Two that give the
 * same thing differently contradict each other, and the launch is not made: neither would get what it asked for.
 */
export function mergeParts(parts: readonly LaunchPart[]): Pick<Launch, "env" | "files" | "stdin" | "output"> {
  const output = onlyOne("output", parts);
  if (output === undefined) throw new Error("No step gives the output of this launch");
  return {
    env: variablesOf(parts),
    files: parts.flatMap(({ files = [] }) => files),
    stdin: onlyOne("stdin", parts) ?? null,
    output,
  };
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

function onlyOne<Name extends "stdin" | "output">(
  name: Name,
  parts: readonly LaunchPart[],
): LaunchPart[Name] | undefined {
  const given = parts.flatMap((part) => (part[name] === undefined ? [] : [part[name]]));
  if (given.length > 1) throw new Error(`Two steps give the ${name} of this launch`);
  return given[0];
}
