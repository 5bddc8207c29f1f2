import { oneLine, readSecret } from "../../core/prompt/ask-password.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { named, type UserAction } from "./user-action.ts";

/** Prints the one-time password alone, where the server made one. */
export async function createUser(action: UserAction): Promise<number> {
  const { flags, cli } = action;
  const name = named(action, "create");
  const file = flags["password-file"];
  const password =
    file === undefined ? undefined : oneLine(await readSecret(file, { flag: "--password-file", cli }));
  const berth = await cli.connect();
  const made = await berth.users.create({
    name,
    display: flags.display,
    password,
    oneTimePassword: password === undefined && !flags["no-password"],
    ...(flags.role.length > 0 && { roles: flags.role }),
  });
  if (flags.json) await cli.out.json(made);
  else if (made.password !== null) await cli.out.line(made.password);
  await cli.err.line(
    made.password === null
      ? `berth: user "${made.name}" is there`
      : `berth: the password of "${made.name}" is not shown again, and has to be changed at the first login`,
  );
  return exitCodes.ok.code;
}
