import type { RoleList } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { defineCommand, type FlagValues, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { readRule } from "../../core/text/rules.ts";
import { UsageError } from "../../core/usage-error.ts";

const roleFlags = {
  allow: {
    type: "list",
    about: "create, update: 'VERBS RESOURCE NAMES', as in 'read,list jobs *'",
    value: "RULE",
    field: "rules",
  },
  ...jsonFlag,
} as const;

interface RoleAction {
  word: string | undefined;
  flags: FlagValues<typeof roleFlags>;
  cli: Cli;
}

const actions: Readonly<Record<string, (action: RoleAction) => Promise<number>>> = {
  list: listRoles,
  get: getRole,
  create: writeRole("create"),
  update: writeRole("update"),
  delete: deleteRole,
};

export const role = defineCommand({
  arguments: [
    { name: "ACTION", about: "list, get, create, update, delete", choices: Object.keys(actions) },
    { name: "NAME", about: "The role's name", optional: true },
  ],
  flags: roleFlags,
  details: [
    "A role is rules, each of which allows verbs on a resource, to all of it (`*`) or",
    "to names that are met letter by letter, never as a beginning. What no rule",
    "allows is denied. update puts the rules that are said in place of those there",
    "were. Built-in roles stay as they are. Changing roles is for administrators.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth role list", about: "what each role allows" },
    {
      line: "berth role create watcher --allow 'read,list jobs *'",
      about: "for `berth binding create watcher ann`",
    },
  ],
  async run({ args: [name = "", word], flags }, cli) {
    const act = actions[name];
    if (act === undefined) throw new UsageError(`Cannot do "${name}" with roles`, "See `berth role --help`");
    return act({ word, flags, cli });
  },
});

function named({ word }: RoleAction): string {
  if (word !== undefined) return word;
  throw new UsageError("Cannot find a role: there is no name", "`berth role list` shows them");
}

async function listRoles({ flags, cli }: RoleAction): Promise<number> {
  const { roles } = await cli.connect();
  const { items } = await roles.list();
  if (flags.json) await cli.out.json(items);
  else await printRules(items, cli);
  return exitCodes.ok.code;
}

async function getRole(action: RoleAction): Promise<number> {
  const { flags, cli } = action;
  const name = named(action);
  const { roles } = await cli.connect();
  const found = await roles.get(name);
  if (flags.json) await cli.out.json(found);
  else await printRules([found], cli);
  return exitCodes.ok.code;
}

function writeRole(how: "create" | "update"): (action: RoleAction) => Promise<number> {
  return async (action) => {
    const { flags, cli } = action;
    const name = named(action);
    if (flags.allow.length === 0)
      throw new UsageError(`Cannot ${how} a role: no rule is said`, "--allow 'read,list jobs *'");
    const rules = flags.allow.map(readRule);
    const { roles } = await cli.connect();
    const written = await roles[how](name, rules);
    if (flags.json) await cli.out.json(written);
    else await printRules([written], cli);
    return exitCodes.ok.code;
  };
}

async function deleteRole(action: RoleAction): Promise<number> {
  const name = named(action);
  const { roles } = await action.cli.connect();
  await roles.delete(name);
  if (action.flags.json) await action.cli.out.json({ deleted: [name] });
  else await action.cli.out.line(name);
  return exitCodes.ok.code;
}

async function printRules(roles: readonly RoleList["items"][number][], cli: Cli): Promise<void> {
  const { renderTable } = await import("../../core/text/table.ts");
  const columns = [
    { title: "ROLE" },
    { title: "RESOURCE" },
    { title: "OF" },
    { title: "VERBS", flexible: true },
  ];
  const rows = roles.flatMap(({ name, rules }) =>
    rules.map(({ resource, names, verbs, own }) => [
      name,
      resource,
      own === true ? "its own" : names.includes("*") ? "all" : names.join(","),
      verbs.join(","),
    ]),
  );
  await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
}
