import { exitCodes } from "../../core/exit-codes.ts";
import { oneSecret, type SecretAction } from "./secret-action.ts";
import { showSecret } from "./show-secret.ts";

export async function getSecret(action: SecretAction): Promise<number> {
  const name = oneSecret(action, "get");
  const berth = await action.cli.connectAsUser();
  await showSecret(await berth.secrets.get(name), action);
  return exitCodes.ok.code;
}
