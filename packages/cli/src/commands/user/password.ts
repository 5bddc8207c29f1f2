import { askPassword, oneLine, readSecret } from "../../core/prompt/ask-password.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { UserAction } from "./user-action.ts";

/** One's own without a name; another's by an administrator. */
export async function setPassword(action: UserAction): Promise<number> {
  const { word, flags, cli } = action;
  if (word === undefined) return changeOwn(action);
  const berth = await cli.connect();
  const file = flags["password-file"];
  const said =
    file === undefined ? undefined : oneLine(await readSecret(file, { flag: "--password-file", cli }));
  const password = await berth.users.setPassword(word, { password: flags["no-password"] ? null : said });
  if (flags.json) await cli.out.json({ user: word, password });
  else if (password !== null) await cli.out.line(password);
  await cli.err.line(
    password === null
      ? `berth: the password of "${word}" is another now, and its logins have ended`
      : `berth: the password of "${word}" is not shown again, and has to be changed at the next login`,
  );
  return exitCodes.ok.code;
}

async function changeOwn({ flags, cli }: UserAction): Promise<number> {
  const berth = await cli.connect();
  const { current, password } = await both(flags["password-file"], cli);
  await berth.sessions.changePassword({ current, password });
  if (flags.json) await cli.out.json({ changed: true });
  else await cli.out.line("The password is changed; all other logins have ended");
  await cli.err.line("berth: tokens and certificates stay: see `berth token list` and `berth cert list`");
  return exitCodes.ok.code;
}

async function both(
  file: string | undefined,
  cli: UserAction["cli"],
): Promise<{ current: string; password: string }> {
  if (file !== undefined) {
    const [current, password] = (await readSecret(file, { flag: "--password-file", cli })).split(/\r?\n/);
    if (current !== undefined && password !== undefined && password !== "") return { current, password };
    throw new UsageError(
      `Cannot change the password: "${file}" does not hold two lines`,
      "Write the current password on the first, the new one on the second",
    );
  }
  const current = await askPassword("Current password: ", cli);
  const password = await askPassword("New password: ", cli);
  if (password !== (await askPassword("The same again: ", cli)))
    throw new UsageError("Cannot change the password: the two are not the same", "Try again");
  return { current, password };
}
