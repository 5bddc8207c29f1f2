import type { Definition, DefinitionKind } from "../../../core/task/definition.ts";
import type { Store } from "../../../store/store.ts";

/** A store that reads drafts of definitions as if they were there. */
export type DraftedStore = Store & { draft(definition: Omit<Definition, "version">): void };

/** No version of anything has such a number: what is compiled of a draft is taken for nothing else. */
let lastDraft = 0;

export function withDrafts(store: Store): DraftedStore {
  const drafts = new Map<string, Definition>();
  const definitions: Store["definitions"] = {
    ...store.definitions,
    get: async (kind, name) => drafts.get(keyOf(kind, name)) ?? (await store.definitions.get(kind, name)),
  };
  return {
    ...store,
    definitions,
    draft(definition) {
      lastDraft -= 1;
      drafts.set(keyOf(definition.kind, definition.name), { ...definition, version: lastDraft });
    },
  };
}

function keyOf(kind: DefinitionKind, name: string): string {
  return `${kind} ${name}`;
}
