import { createDefinition, deleteDefinition, rollBackDefinition, updateDefinition } from "./change.ts";
import type { DefinitionAction } from "./definition-action.ts";
import { diffDefinition, getDefinition, listDefinitions, listVersions } from "./look.ts";

/** What can be done to runners as to tasks. */
export const definitionActions: Readonly<Record<string, (action: DefinitionAction) => Promise<number>>> = {
  list: listDefinitions,
  get: getDefinition,
  create: createDefinition,
  update: updateDefinition,
  delete: deleteDefinition,
  versions: listVersions,
  diff: diffDefinition,
  rollback: rollBackDefinition,
};
