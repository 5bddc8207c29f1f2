import { operations, parseCpu, parseSize, type Quota, type QuotaBounds } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import { type Bounds, milliOf, type Subject } from "../../core/queue/subject.ts";
import { demandKeeper, demandKeeperOf } from "../access/demand-keeper.ts";
import { subjectNamed } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { shownQuota } from "./shown-quota.ts";
import { type QuotaRequest, subjectOf } from "./subject-of-request.ts";

/**
 * Bounds what a principal, or the members of a group together, run, submit and keep from now on; what runs goes on. In place
 * of what bounded it before.
 */
export async function setQuota(
  context: Context,
  request: QuotaRequest & { bounds: QuotaBounds },
): Promise<Quota> {
  const { access, store, audit, quotas, events } = context;
  const { caller } = request;
  await access.demand(caller, operations.setQuota.permission);
  const subject = subjectOf(context, request);
  await demandKeeperOfSubject(context, { caller, subject });
  const bounds = readBounds(request.bounds);
  const { subject: _, ...before } = quotas.of(subject) ?? { subject };
  const changes = changesBetween(before, bounds);
  const about = { kind: subject.kind };
  const record = audit.entry(caller, {
    ...operations.setQuota.permission,
    name: subject.name,
    changes,
    about,
  });
  await store.audited(record).quotas.set({ subject, ...bounds });
  quotas.set({ subject, ...bounds });
  events.accessChanged({ what: "Quota set", [subject.kind]: subject.name, ...bounds }, caller);
  return await shownQuota(context, { subject, ...bounds });
}

/** Who runs the server is not kept from it by a bound of somebody who does not. */
async function demandKeeperOfSubject(
  context: Context,
  { caller, subject: { kind, name } }: Pick<QuotaRequest, "caller"> & { subject: Subject },
): Promise<void> {
  const asked = { caller, permission: operations.setQuota.permission };
  if (kind === "user") await demandKeeper(context, name, asked);
  else {
    await demandKeeperOf(context, { groups: [name] }, asked);
    for (const { member } of context.groups.membersOf(name))
      await demandKeeperOf(context, subjectNamed(context, member), asked);
  }
}

/** The contract has checked how they are written. */
function readBounds({ jobs, jobsPerHour, cpu, memory, storedBytes }: QuotaBounds): Bounds {
  return {
    jobs,
    jobsPerHour,
    cpuMilli: numberOf(cpu, (text) => milliOf(parseCpu(text) ?? 0), milliOf),
    memory: numberOf(memory, (text) => parseSize(text) ?? 0, Math.floor),
    storedBytes: numberOf(storedBytes, (text) => parseSize(text) ?? 0, Math.floor),
  };
}

function numberOf(
  written: string | number | null,
  parse: (text: string) => number,
  take: (value: number) => number,
): number | null {
  if (written === null) return null;
  return typeof written === "number" ? take(written) : parse(written);
}
