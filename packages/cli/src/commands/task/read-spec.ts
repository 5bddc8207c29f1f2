import { UsageError } from "../../core/usage-error.ts";
import { readInput } from "../submit/read-input.ts";
import type { DefinitionAction } from "./definition-action.ts";

/** What the file and the flags say; flags over the file. */
export async function readSpec(action: DefinitionAction): Promise<object> {
  const { flags, cli } = action;
  const { description, network, memory, timeout, secret } = flags;
  const file = flags.spec === undefined ? {} : await readJsonFile(flags.spec, { flag: "--spec", cli });
  return {
    ...file,
    ...(description !== undefined && { description }),
    ...(network !== undefined && { network }),
    ...(secret.length > 0 && { secrets: secret.map((name) => ({ name })) }),
    ...(memory !== undefined && { resources: { memory } }),
    ...(timeout !== undefined && { timeouts: { run: timeout } }),
    ...(await action.ownFields()),
  };
}

/** An object of JSON; what is in it is the server's to check. */
export async function readJsonFile(
  path: string,
  { flag, cli }: { flag: string; cli: DefinitionAction["cli"] },
): Promise<object> {
  const content = await readInput(path, { flag, stdin: cli.surroundings.stdin });
  try {
    const read: unknown = JSON.parse(typeof content === "string" ? content : "");
    if (typeof read === "object" && read !== null && !Array.isArray(read)) return read;
  } catch {
    // Said below.
  }
  throw new UsageError(
    `Cannot read ${flag} ${path}: it is not an object of JSON`,
    'Write it like {"a": "b"}',
  );
}
