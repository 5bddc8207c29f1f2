import type { NetworkSpec } from "@berth/sdk";
import { UsageError } from "../../core/usage-error.ts";
import { wholeNumber } from "../submit/job-request.ts";
import { readInput } from "../submit/read-input.ts";
import { type NetworkAction, specFlags } from "./network-action.ts";

/** What the flags say of a profile, over what there is; `--spec` says all of it. */
export async function readSpec(
  { flags, cli }: Pick<NetworkAction, "flags" | "cli">,
  base: NetworkSpec = {},
): Promise<NetworkSpec> {
  const given = Object.entries(specFlags).flatMap(([name, flag]): [string, unknown][] => {
    const value = flags[name as keyof typeof specFlags];
    if (!("field" in flag) || value === undefined || typeof value === "boolean") return [];
    if (typeof value === "string")
      return [[flag.field, name === "connections" ? wholeNumber(`--${name}`, value) : value]];
    if (value.length === 0) return [];
    const isNumber = name === "port" || name === "host-port";
    return [[flag.field, isNumber ? value.map((text) => wholeNumber(`--${name}`, text)) : [...value]]];
  });
  const file = flags.spec === undefined ? null : await readFile(flags.spec, cli);
  return {
    ...(file ?? base),
    ...(Object.fromEntries(given) as NetworkSpec),
    ...(flags.public && { public: true }),
    ...(flags.observe && { observe: true }),
  };
}

async function readFile(
  path: string,
  { surroundings: { stdin } }: NetworkAction["cli"],
): Promise<NetworkSpec> {
  const content = await readInput(path, { flag: "--spec", stdin });
  try {
    const read: unknown = JSON.parse(typeof content === "string" ? content : "");
    // What is in it is the server's to check.
    if (typeof read === "object" && read !== null && !Array.isArray(read)) return read;
  } catch {
    // Said below.
  }
  throw new UsageError(
    `Cannot read --spec ${path}: it is not an object of JSON`,
    'Write it like {"domains": ["pypi.org"]}',
  );
}
