import { BerthError, type JobSpec } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import { ReadSpec, type SpecHead } from "../../../core/input/read-spec.ts";
import type { Job } from "../../../core/job/job.ts";
import { limitsOf, type Limits } from "../../../core/limits.ts";
import type { NetworkGrant } from "../../../core/network/profile.ts";
import { type StageKind, surroundingsOfStage } from "../../../core/stages/kinds.ts";
import { stagesBefore, stagesFor } from "../../../core/stages/plan-stages.ts";
import type { Stage } from "../../../core/stages/stage.ts";
import { within } from "../../../core/stages/surroundings.ts";
import type { Source } from "../../../core/task/source.ts";
import type { Engine, Plan, PlannedLaunch } from "../../../engines/engine.ts";
import type { JobSecret } from "../../../store/secret-store.ts";
import type { Context } from "../../context.ts";
import { demandEngine } from "../../server/may-use-engine.ts";
import { givenSecrets } from "./given-secrets.ts";
import { grantedNetwork } from "./granted-network.ts";
import { demandFetches, secretOfSource } from "./source-of-run.ts";

/** What a run of a task brings beside its spec: whoever defined the task was allowed to use it, and all that it names. */
export interface PlannedRun {
  source: Source | null;
  image: string | null;
}

/** What a job is taken with. */
export interface PlannedJob {
  engine: Engine;
  limits: Limits;
  network: NetworkGrant;
  isolation: Job["isolation"];
  /** Those before the command, in order. */
  stages: Pick<Stage, "kind" | "isolation">[];
  /** What it is given to know. */
  secrets: readonly JobSecret[];
  /** Where its code comes from; null for nowhere. */
  source: Source | null;
}

/**
 * What this server makes of a spec, by what it says and not by what comes with it. Throws ENGINE_UNKNOWN, ENGINE_NOT_ALLOWED, ENGINE_UNABLE,
 * NETWORK_UNKNOWN, NETWORK_NOT_ALLOWED, NETWORK_UNAVAILABLE, LIMIT_NOT_ENFORCEABLE, ARCHIVE_TOOL_MISSING, SOURCE_TOOL_MISSING, SECRET_MISSING, SECRET_NOT_ALLOWED.
 */
export async function planJob(
  context: Context,
  { caller, spec, run = null }: { caller: Caller; spec: JobSpec | ReadSpec; run?: PlannedRun | null },
): Promise<PlannedJob> {
  const isVouchedFor = run !== null;
  const head = spec instanceof ReadSpec ? spec.head : spec;
  const engine = engineOf(context, head);
  if (!isVouchedFor) await demandEngine(context, { caller, name: engine.name });
  demandTools(engine, head);
  const asked = run?.source ?? null;
  if (asked !== null) demandFetches(engine, asked);
  const limits = limitsOf(head, context.policy.limits);
  const network = await grantedNetwork(context, { caller, head, isVouchedFor });
  const isolationOf = (kind: StageKind): Job["isolation"] =>
    planFor(context, engine, {
      limits,
      ...within(surroundingsOfStage(kind, network), kind === "command" ? (run?.image ?? null) : null),
    }).isolation;
  const isolation = isolationOf("command");
  const variables = head.secrets === undefined ? [] : variablesOf(spec);
  const own = await givenSecrets(context, { caller, engine, head, variables, isVouchedFor });
  const { source, shown } = await knownSource(context, { engine, asked, own });
  const before = [...stagesFor(source), ...(spec instanceof ReadSpec ? spec.before : stagesBefore(spec))];
  const stages = before.map((kind) => ({ kind, isolation: isolationOf(kind) }));
  const secrets = [...own, ...shown];
  return { engine, limits, network, isolation, stages, secrets, source };
}

/** Where the code comes from, with the commit where nothing has to be fetched, and what the job is given beside its own for it. */
async function knownSource(
  context: Context,
  { engine, asked, own }: { engine: Engine; asked: Source | null; own: readonly JobSecret[] },
): Promise<{ source: Source | null; shown: JobSecret[] }> {
  if (asked === null) return { source: null, shown: [] };
  const { sources } = context;
  const secret = await secretOfSource(context, { engine, source: asked, own });
  const source = { ...asked, shown: secret === null ? null : sources.markOf(secret.value) };
  const isOwn = secret === null || own.some(({ name }) => name === secret.name);
  return {
    source: { ...source, commit: engine.capabilities.overlays ? await sources.holds(source) : null },
    shown: isOwn ? [] : [{ name: secret.name, version: secret.version }],
  };
}

function variablesOf(spec: JobSpec | ReadSpec): string[] {
  return Object.keys((spec instanceof ReadSpec ? spec.kept.view : spec).env ?? {});
}

function engineOf(context: Context, head: SpecHead): Engine {
  const name = head.engine ?? context.policy.defaultEngine;
  const engine = context.engines.get(name);
  if (engine) return engine;
  const known = [...context.engines.keys()].join(", ");
  throw new BerthError("ENGINE_UNKNOWN", `Cannot submit job: engine "${name}" is not here, known: ${known}`);
}

/** Nothing is stored of a job whose archive nothing could unpack. */
function demandTools(engine: Engine, { archive }: SpecHead): void {
  const lacked = archive === undefined ? [] : engine.lackedFor(archive.format);
  if (archive === undefined || lacked.length === 0) return;
  throw new BerthError(
    "ARCHIVE_TOOL_MISSING",
    `Cannot submit job: the host of engine "${engine.name}" has no ${lacked.join(" and no ")}, which unpacks ${archive.format}`,
  );
}

function planFor(context: Context, engine: Engine, asked: PlannedLaunch): Plan {
  const plan = engine.plan(asked);
  if (plan.impossible.length > 0) {
    const problems = plan.impossible.map(({ field, reason }) => ({
      field,
      message: `${engine.name} ${reason}`,
    }));
    const why = plan.impossible.map(({ reason }) => reason).join("; ");
    const asksForProfile = asked.network.kind === "profile";
    const isNetwork = asksForProfile && plan.impossible.every(({ field }) => field === "network");
    const code = isNetwork ? "NETWORK_UNAVAILABLE" : "ENGINE_UNABLE";
    throw new BerthError(code, `Cannot submit job: engine "${engine.name}" ${why}`, { problems });
  }
  if (plan.refused.length === 0 || context.policy.enforcement === "best-effort") return plan;
  const problems = plan.refused.map(({ field, reason }) => ({ field, message: reason }));
  const fields = problems.map(({ field }) => field).join(", ");
  throw new BerthError("LIMIT_NOT_ENFORCEABLE", `Cannot submit job: this host cannot enforce ${fields}`, {
    problems,
  });
}
