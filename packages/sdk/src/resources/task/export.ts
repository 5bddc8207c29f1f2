import type { DefinitionsInput } from "@berth/protocol";
import type { Bindings } from "../access/bindings.ts";
import type { Roles } from "../access/roles.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import type { PageOptions } from "./definitions.ts";
import type { Page } from "./page.ts";
import type { Runners } from "./runners.ts";
import type { Schedules } from "./schedules.ts";
import type { Tasks } from "./tasks.ts";
import type { Webhooks } from "./webhooks.ts";

/** What can be exported, in the order in which each may need those before it. */
export const exportedKinds = ["roles", "bindings", "runners", "tasks", "schedules", "webhooks"] as const;
export type ExportedKind = (typeof exportedKinds)[number];

export interface ExportOptions extends SignalOptions {
  /** Default: all. */
  kinds?: readonly ExportedKind[] | undefined;
}

const PAGE = 100;

interface Client {
  roles: Roles;
  bindings: Bindings;
  runners: Runners;
  tasks: Tasks;
  schedules: Schedules;
  webhooks: Webhooks;
}

/**
 * Each entry is what defines it anew: without owner, version and times, and without what is built in. A kind of which there is
 * none is left out.
 */
export async function exportDefinitions(
  berth: Client,
  { kinds = exportedKinds, signal }: ExportOptions,
): Promise<DefinitionsInput> {
  const lists: { [Kind in ExportedKind]: () => Promise<NonNullable<DefinitionsInput[Kind]>> } = {
    roles: async () => {
      const { items } = await berth.roles.list({ signal });
      return items
        .filter(({ builtIn }) => !builtIn)
        .map(({ name, rules }) => ({
          name,
          rules: rules.map(({ resource, names, verbs }) => ({ resource, names, verbs })),
        }));
    },
    bindings: async () => {
      const { items } = await berth.bindings.list({ signal });
      return items.map(({ role, user, group }) => (group === undefined ? { role, user } : { role, group }));
    },
    runners: () => all((page) => berth.runners.list({ ...page, signal })),
    tasks: () => all((page) => berth.tasks.list({ ...page, signal })),
    schedules: () => all((page) => berth.schedules.list({ ...page, signal })),
    webhooks: () => all((page) => berth.webhooks.list({ ...page, signal })),
  };
  const exported: DefinitionsInput = {};
  for (const kind of exportedKinds.filter((one) => kinds.includes(one))) {
    const list = await lists[kind]();
    if (list.length > 0) Object.assign(exported, { [kind]: list });
  }
  return exported;
}

async function all<Spec>(
  page: (options: PageOptions) => Promise<Page<{ name: string; spec: Spec }>>,
): Promise<{ name: string; spec: Spec }[]> {
  const found: { name: string; spec: Spec }[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await page({ cursor, limit: PAGE });
    found.push(...items.map(({ name, spec }) => ({ name, spec })));
    if (next === null) return found;
    cursor = next;
  }
}
