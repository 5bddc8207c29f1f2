import { exitCodes } from "../../core/exit-codes.ts";
import { stateOf } from "./list.ts";
import { named, type UserAction } from "./user-action.ts";

export async function getUser(action: UserAction): Promise<number> {
  const { flags, cli } = action;
  const name = named(action, "get");
  const berth = await cli.connect();
  const user = await berth.users.get(name);
  if (flags.json) await cli.out.json(user);
  else {
    const display = user.display === null ? "" : ` (${user.display})`;
    await cli.out.line(`${user.name}${display}, ${stateOf(user)}, since ${user.createdAt}`);
    await cli.out.line(user.passwordAt === null ? "  no password here" : `  password of ${user.passwordAt}`);
    for (const { provider, subject } of user.identities) {
      await cli.out.line(`  known to ${provider} as ${subject}`);
    }
  }
  return exitCodes.ok.code;
}
