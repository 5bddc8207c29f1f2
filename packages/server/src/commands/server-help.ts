import type { Key } from "../config/keys/key.ts";
import { keys } from "../config/keys/keys.ts";

/** Every setting in a line or two, from the table that the server reads them by. */
export function serverHelp(): string {
  const settings = Object.values(keys as Record<string, Key<unknown>>).map((key) => {
    const fallback =
      key.defaultText ?? (typeof key.default === "string" ? key.default : "depends on the host");
    return `  ${key.env.padEnd(28)} ${key.yaml} (default ${fallback})\n      ${key.about}`;
  });
  return [
    "Usage: berth server",
    "",
    "Starts the server. Settings come from the environment, else from berth.yaml in the",
    "current folder or where BERTH_CONFIG says.",
    "",
    ...settings,
    "",
    "Examples:",
    "  berth server",
    "  BERTH_DATA_DIR=/srv/berth BERTH_MAX_JOBS=16 berth server",
  ].join("\n");
}
