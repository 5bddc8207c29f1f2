import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import { stateOf } from "./list.ts";
import { named, type UserAction } from "./user-action.ts";

type Users = Awaited<ReturnType<UserAction["cli"]["connect"]>>["users"];
type Change = "restore" | "lock" | "unlock";

/** What is said of a user in one word. */
export function changeTo(change: Change): (action: UserAction) => Promise<number> {
  return async (action) => {
    const name = named(action, change);
    const { users } = await action.cli.connect();
    return show(action, await users[change](name));
  };
}

export async function updateUser(action: UserAction): Promise<number> {
  const name = named(action, "update");
  const { display } = action.flags;
  if (display === undefined)
    throw new UsageError("Cannot update a user: nothing is said", "`berth user update NAME --display TEXT`");
  const { users } = await action.cli.connect();
  return show(action, await users.update(name, { display: display === "" ? null : display }));
}

export async function deleteUser(action: UserAction): Promise<number> {
  const name = named(action, "delete");
  const { users } = await action.cli.connect();
  await users.delete(name);
  if (action.flags.json) await action.cli.out.json({ deleted: [name] });
  else await action.cli.out.line(name);
  return exitCodes.ok.code;
}

export function linkUser(change: "link" | "unlink"): (action: UserAction) => Promise<number> {
  return async (action) => {
    const name = named(action, change);
    const { provider, subject } = action.flags;
    if (provider === undefined || subject === undefined)
      throw new UsageError(
        `Cannot ${change} a user: say where it is known, and as what`,
        `\`berth user ${change} NAME --provider P --subject S\``,
      );
    const { users } = await action.cli.connect();
    return show(action, await users[change](name, { provider, subject }));
  };
}

async function show({ flags, cli }: UserAction, user: Awaited<ReturnType<Users["lock"]>>): Promise<number> {
  if (flags.json) await cli.out.json(user);
  else await cli.out.line(`${user.name} is ${stateOf(user)}`);
  return exitCodes.ok.code;
}
