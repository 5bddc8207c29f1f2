import type { SecretValue } from "@berth/sdk";
import { askHidden, canAsk } from "../../core/prompt/ask-hidden.ts";
import { UsageError } from "../../core/usage-error.ts";
import { readInput, splitFile } from "../submit/read-input.ts";
import type { SecretAction } from "./secret-action.ts";

/** What the flags set and delete. No value ever stands on a command line, where all of the host can read it. */
export async function readValues({ flags, cli }: SecretAction): Promise<Record<string, SecretValue>> {
  const { surroundings } = cli;
  const values = new Map<string, SecretValue>(flags.remove.map((key) => [key, ""]));
  const set = (key: string, value: SecretValue): void => {
    if (values.has(key)) throw new UsageError(`Cannot set "${key}" twice`, "Name each key once");
    values.set(key, value);
  };
  for (const text of flags.file) {
    const { local, name } = text.startsWith("-:") ? { local: "-", name: text.slice(2) } : splitFile(text);
    if (local === "-" && name === "-")
      throw new UsageError("Cannot set a key from stdin: it has no name", "Write --file -:KEY");
    const content = await readInput(local, { flag: "--file", stdin: surroundings.stdin });
    set(name, typeof content === "string" ? content : { base64: Buffer.from(content).toString("base64") });
  }
  if (flags.key.length === 0) return Object.fromEntries(values);
  if (canAsk(surroundings.stdin)) {
    for (const key of flags.key) set(key, await askHidden(key, surroundings));
    return Object.fromEntries(values);
  }
  const text = await readInput("-", { flag: "--key", stdin: surroundings.stdin });
  if (typeof text !== "string")
    throw new UsageError("Cannot set a key from stdin: it is no text", "Write --file -:KEY");
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (lines.length !== flags.key.length) {
    const asked = `${lines.length} lines for ${flags.key.length} keys`;
    throw new UsageError(
      `Cannot set keys from stdin: it has ${asked}`,
      "Give each key one line, in their order",
    );
  }
  flags.key.forEach((key, at) => set(key, lines[at] ?? ""));
  return Object.fromEntries(values);
}
