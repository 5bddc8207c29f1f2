import type { Cli } from "../../core/cli.ts";
import { defineCommand, type FlagValues, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";

interface BindingAction {
  words: readonly string[];
  flags: FlagValues<typeof bindingFlags>;
  cli: Cli;
}

const bindingFlags = {
  group: { type: "string", about: "create: to all who are in this group", value: "NAME", field: "group" },
  ...jsonFlag,
} as const;

const actions: Readonly<Record<string, (action: BindingAction) => Promise<number>>> = {
  list: listBindings,
  create: createBinding,
  delete: deleteBinding,
};

export const binding = defineCommand({
  arguments: [
    { name: "ACTION", about: "list, create ROLE [NAME], delete ID", choices: Object.keys(actions) },
    { name: "WORD", about: "A role and a principal's name, or an id", variadic: true, optional: true },
  ],
  flags: bindingFlags,
  details: [
    "A binding gives a role to a user, or to whoever has a certificate or a token of",
    "that name, or to a group. It counts from the next request on. Giving and taking",
    "is for administrators.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth binding create viewer ann", about: "ann sees the jobs of all" },
    { line: "berth binding create operator --group ops", about: "whoever is in the group" },
    { line: "berth binding list", about: "who has which role" },
  ],
  async run({ args: [name = "", ...words], flags }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with bindings`, "See `berth binding --help`");
    return act({ words, flags, cli });
  },
});

async function listBindings({ flags, cli }: BindingAction): Promise<number> {
  const berth = await cli.connect();
  const { items } = await berth.bindings.list();
  if (flags.json) await cli.out.json(items);
  else if (items.length === 0) await cli.err.line("berth: no bindings");
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const columns = [
      { title: "ID" },
      { title: "ROLE" },
      { title: "GIVEN TO", flexible: true },
      { title: "SINCE" },
    ];
    const rows = items.map(({ id, role, user, group, createdAt }) => [
      id,
      role,
      group === undefined ? (user ?? "") : `group ${group}`,
      createdAt,
    ]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}

async function createBinding({ words: [role, user, ...more], flags, cli }: BindingAction): Promise<number> {
  const { group } = flags;
  if (role === undefined || (user === undefined) === (group === undefined) || more.length > 0)
    throw new UsageError(
      "Cannot give a role: name the role and one principal, or a group",
      "`berth binding create ROLE NAME`, `berth binding create ROLE --group NAME`",
    );
  const berth = await cli.connect();
  const made = await berth.bindings.create(
    group === undefined ? { role, user: user ?? "" } : { role, group },
  );
  if (flags.json) await cli.out.json(made);
  else await cli.out.line(made.id);
  return exitCodes.ok.code;
}

async function deleteBinding({ words: [id, ...more], flags, cli }: BindingAction): Promise<number> {
  if (id === undefined || more.length > 0)
    throw new UsageError("Cannot take a role away: name one binding", "`berth binding list` shows them");
  const berth = await cli.connect();
  await berth.bindings.delete(id);
  if (flags.json) await cli.out.json({ deleted: [id] });
  else await cli.out.line(id);
  return exitCodes.ok.code;
}
