import type { TaskSpec } from "@berth/protocol";
import { toKritenSchema } from "./task-schema.ts";

/** A task as Kriten shows it. A list of words is shown as the shell would be told it. */
export function shownTask({ name, spec }: { name: string; spec: TaskSpec }): Record<string, unknown> {
  const { runner, command, synchronous = false, input } = spec;
  return {
    ...(input !== undefined && { schema: toKritenSchema(input) }),
    name,
    runner,
    command: typeof command === "string" ? command : command.map(quoted).join(" "),
    synchronous,
  };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
