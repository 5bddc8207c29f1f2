import { exitCodes } from "../../core/exit-codes.ts";
import { readValues } from "./read-values.ts";
import { oneSecret, type SecretAction } from "./secret-action.ts";
import { showSecret } from "./show-secret.ts";

export async function createSecret(action: SecretAction): Promise<number> {
  const name = oneSecret(action, "create");
  const berth = await action.cli.connectAsUser();
  const values = await readValues(action);
  await showSecret(await berth.secrets.create(name, { values, short: action.flags.short }), action);
  return exitCodes.ok.code;
}
