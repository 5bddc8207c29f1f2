import type { JobSpec } from "@berth/protocol";

/** Letters of arguments, and variables, that are worked through in a millisecond or two. */
const FEW_LETTERS = 64 * 1024;
const FEW_ENTRIES = 500;

/** Whether what is kept of a spec takes long to copy, to hash and to write: contents of files are not among it. */
export function isLong({ args, env = {}, files = {}, labels = {} }: JobSpec): boolean {
  const entries = args.length + keysOf(env) + keysOf(files) + keysOf(labels);
  if (entries > FEW_ENTRIES) return true;
  let letters = 0;
  for (const arg of args) letters += arg.length;
  for (const name in env) letters += env[name]?.length ?? 0;
  return letters > FEW_LETTERS;
}

function keysOf(values: object): number {
  return Object.keys(values).length;
}
