import { type Check, formatSize, type Quota } from "@berth/protocol";
import type { Context } from "../context.ts";
import { shownQuota } from "../quotas/shown-quota.ts";

/** So many are looked at: what each keeps is a sum over what its owners have left. */
const MOST = 200;

/** Which quotas keep somebody from the next job at this moment; nothing is said where there are none. */
export async function quotaChecks(context: Context): Promise<Check[]> {
  const all = await context.store.quotas.list();
  if (all.length === 0) return [];
  const full: string[] = [];
  for (const quota of all.slice(0, MOST)) full.push(...fullOf(await shownQuota(context, quota)));
  const bounds = `${all.length} ${all.length === 1 ? "quota is" : "quotas are"} set`;
  const looked = all.length > MOST ? `; the first ${MOST} were looked at` : "";
  if (full.length === 0)
    return [{ name: "quotas", status: "ok", detail: `${bounds}, and none is used up${looked}`, fix: null }];
  const fix = "It is as it was set: `berth quota list` shows all, `berth quota set` raises one";
  return [{ name: "quotas", status: "warning", detail: `${bounds}. ${full.join(". ")}${looked}`, fix }];
}

/** What of it is used up, each as a sentence. */
function fullOf(quota: Quota): string[] {
  const { user, group, used } = quota;
  const who = user === null ? `Group "${group}"` : `"${user}"`;
  const told = (what: keyof typeof used, say: (used: string, limit: string) => string): string[] => {
    const limit = quota[what];
    if (limit === null || used[what] < limit) return [];
    const shown = what === "memory" || what === "storedBytes" ? formatSize : String;
    return [`${who} ${say(shown(used[what]), shown(limit))}`];
  };
  return [
    ...told("jobs", (is, of) => `runs ${is} of ${of} jobs`),
    ...told("cpu", (is, of) => `uses ${is} of ${of} cores`),
    ...told("memory", (is, of) => `uses ${is} of ${of} memory`),
    ...told("jobsPerHour", (is, of) => `has submitted ${is} of ${of} jobs of this hour`),
    ...told("storedBytes", (is, of) => `keeps ${is} of ${of}: its next job is refused`),
  ];
}
