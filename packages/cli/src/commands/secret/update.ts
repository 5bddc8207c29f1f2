import { exitCodes } from "../../core/exit-codes.ts";
import { readValues } from "./read-values.ts";
import { oneSecret, type SecretAction } from "./secret-action.ts";
import { showSecret } from "./show-secret.ts";

/** What no flag names stays as it is. */
export async function updateSecret(action: SecretAction): Promise<number> {
  const name = oneSecret(action, "update");
  const berth = await action.cli.connectAsUser();
  const values = await readValues(action);
  await showSecret(await berth.secrets.update(name, { values, short: action.flags.short }), action);
  return exitCodes.ok.code;
}
