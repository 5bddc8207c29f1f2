import { UsageError } from "../../core/usage-error.ts";
import type { NetworkAction } from "./network-action.ts";

/** The one name behind the action. */
export function oneName({ words }: Pick<NetworkAction, "words">, action: string): string {
  const [name = "", ...more] = words;
  if (name !== "" && more.length === 0) return name;
  throw new UsageError(
    name === ""
      ? `Cannot ${action} a profile: there is no name`
      : `Cannot ${action} ${words.length} profiles at once`,
    `Write it like \`berth network ${action} NAME\``,
  );
}
