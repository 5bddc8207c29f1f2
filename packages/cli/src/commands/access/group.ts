import type { Cli } from "../../core/cli.ts";
import { defineCommand, type FlagValues, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";

interface GroupAction {
  words: readonly string[];
  flags: FlagValues<typeof jsonFlag>;
  cli: Cli;
}

const actions: Readonly<Record<string, (action: GroupAction) => Promise<number>>> = {
  list: listGroups,
  get: async (action) => show(action, (groups, name) => groups.get(name)),
  create: async (action) => show(action, (groups, name) => groups.create(name)),
  add: async (action) => eachMember(action, "add"),
  remove: async (action) => eachMember(action, "remove"),
  delete: deleteGroup,
};

export const group = defineCommand({
  arguments: [
    { name: "ACTION", about: "list, get, create, add, remove, delete", choices: Object.keys(actions) },
    { name: "WORD", about: "The group's name; add, remove: users after it", variadic: true, optional: true },
  ],
  flags: { ...jsonFlag },
  details: [
    "A group is given roles as a user is (`berth binding create ROLE --group NAME`),",
    "and all who are in it have them, from their next request on. Directories put",
    "users into groups of theirs by themselves; such members are theirs to take out.",
    "delete takes what was given to it away too.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth group create ops", about: "a new one" },
    { line: "berth group add ops ann bob", about: "with two in it" },
  ],
  async run({ args: [name = "", ...words], flags }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with groups`, "See `berth group --help`");
    return act({ words, flags, cli });
  },
});

type Groups = Awaited<ReturnType<Cli["connect"]>>["groups"];
type Group = Awaited<ReturnType<Groups["get"]>>;

async function listGroups({ flags, cli }: GroupAction): Promise<number> {
  const { groups } = await cli.connect();
  const { items } = await groups.list();
  if (flags.json) await cli.out.json(items);
  else if (items.length === 0) await cli.err.line("berth: no groups");
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const columns = [{ title: "NAME", flexible: true }, { title: "MEMBERS" }, { title: "SINCE" }];
    const rows = items.map(({ name, members, createdAt }) => [name, String(members.length), createdAt]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}

function named({ words: [name] }: GroupAction): string {
  if (name !== undefined) return name;
  throw new UsageError("Cannot find a group: there is no name", "`berth group list` shows them");
}

async function show(
  action: GroupAction,
  ask: (groups: Groups, name: string) => Promise<Group>,
): Promise<number> {
  const name = named(action);
  const { groups } = await action.cli.connect();
  await print(action, await ask(groups, name));
  return exitCodes.ok.code;
}

async function eachMember(action: GroupAction, change: "add" | "remove"): Promise<number> {
  const name = named(action);
  const [, ...users] = action.words;
  if (users.length === 0)
    throw new UsageError(`Cannot ${change}: name a user`, `\`berth group ${change} ${name} USER\``);
  const { groups } = await action.cli.connect();
  let changed: Group | null = null;
  for (const user of users) changed = await groups[change](name, user);
  if (changed !== null) await print(action, changed);
  return exitCodes.ok.code;
}

async function deleteGroup(action: GroupAction): Promise<number> {
  const name = named(action);
  const { groups } = await action.cli.connect();
  await groups.delete(name);
  if (action.flags.json) await action.cli.out.json({ deleted: [name] });
  else await action.cli.out.line(name);
  return exitCodes.ok.code;
}

async function print({ flags, cli }: GroupAction, shown: Group): Promise<void> {
  if (flags.json) return cli.out.json(shown);
  const members = shown.members.map(({ user, source }) =>
    source === "local" ? user : `${user} (${source})`,
  );
  await cli.out.line(`${shown.name}: ${members.length === 0 ? "nobody" : members.join(", ")}`);
}
