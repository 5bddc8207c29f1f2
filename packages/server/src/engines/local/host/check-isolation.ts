import type { Check, IsolationItem } from "@berth/protocol";
import { type Look, readBack } from "./sandbox-look.ts";

/** What jobs on this host are kept in, item by item, as the kernel showed it to the engine's own job. */
export function checkIsolation(planned: readonly IsolationItem[], look: Look | null): Check[] {
  const { items } = readBack({ level: "namespaces", items: [...planned] }, look);
  return items.map(({ name, applied, detail }) =>
    applied
      ? { name: `job: ${name}`, status: "ok", detail, fix: null }
      : {
          name: `job: ${name}`,
          status: "warning",
          detail: `not applied: ${detail}`,
          fix: look
            ? "Name a runtime that makes it with BERTH_RUNTIME"
            : "Ask again when the server is ready; if it stays so, see the server's log",
        },
  );
}
