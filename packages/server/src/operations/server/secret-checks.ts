import type { Check } from "@berth/protocol";
import type { Context } from "../context.ts";

/** Whether all secrets can be opened; nothing is said where there is none. */
export async function secretChecks({ secrets }: Pick<Context, "secrets">): Promise<Check[]> {
  const name = "secrets";
  const { used, missing } = await secrets.masterKeys();
  if (used.length === 0) return [];
  if (missing.length === 0) {
    return [{ name, status: "ok", detail: `Every master key is there: ${used.join(", ")}`, fix: null }];
  }
  return [
    {
      name,
      status: "missing",
      detail: `Secrets cannot be opened that these master keys have sealed: ${missing.join(", ")}`,
      fix: "Put their lines back into the file that `BERTH_SECRETS_KEYS_FILE` names, or `secret-keys` of the data folder",
    },
  ];
}
