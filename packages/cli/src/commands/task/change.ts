import { exitCodes } from "../../core/exit-codes.ts";
import { type DefinitionAction, nameAnd, versionIn } from "./definition-action.ts";
import { readSpec } from "./read-spec.ts";
import { showDefinition } from "./show-definition.ts";

export async function createDefinition(action: DefinitionAction): Promise<number> {
  const [name] = nameAnd(action, { action: "create" });
  const spec = await readSpec(action);
  const berth = await action.cli.connectAsUser();
  await showDefinition(await action.calls(berth).create(name, spec), action);
  return exitCodes.ok.code;
}

/** What nothing names stays as it is. */
export async function updateDefinition(action: DefinitionAction): Promise<number> {
  const [name] = nameAnd(action, { action: "update" });
  const spec = await readSpec(action);
  const version = versionIn(action.flags.at);
  const berth = await action.cli.connectAsUser();
  await showDefinition(await action.calls(berth).update(name, spec, { version }), action);
  return exitCodes.ok.code;
}

export async function rollBackDefinition(action: DefinitionAction): Promise<number> {
  const [name, to] = nameAnd(action, { action: "rollback", more: 1, like: "NAME VERSION" });
  const version = versionIn(to ?? "");
  const berth = await action.cli.connectAsUser();
  await showDefinition(await action.calls(berth).rollBack(name, version ?? 0), action);
  return exitCodes.ok.code;
}

export async function deleteDefinition(action: DefinitionAction): Promise<number> {
  const { flags, cli } = action;
  const [name] = nameAnd(action, { action: "delete" });
  await action.calls(await cli.connectAsUser()).delete(name);
  if (flags.json) await cli.out.json({ deleted: [name] });
  else await cli.out.line(name);
  return exitCodes.ok.code;
}
