import { exitCodes } from "../../core/exit-codes.ts";
import { oneSecret, type SecretAction } from "./secret-action.ts";

export async function deleteSecret(action: SecretAction): Promise<number> {
  const name = oneSecret(action, "delete");
  const berth = await action.cli.connectAsUser();
  await berth.secrets.delete(name);
  if (action.flags.json) await action.cli.out.json({ deleted: [name] });
  else await action.cli.out.line(name);
  return exitCodes.ok.code;
}
