import type { Job } from "../../core/job/job.ts";
import type { Engine } from "../../engines/engine.ts";
import { type FoundResult, maxResultBytes, parseResult, resultInOutput } from "../../logs/result.ts";
import type { Automaton } from "../../logs/masks/automaton.ts";
import type { ReconcilerContext } from "../context.ts";
import { missedPatterns } from "./missed-patterns.ts";

/** What a job left: its result, and a sentence for everything that could not be taken. */
export interface Gathered {
  resultJson: string | null;
  problems: string[];
  /** What was kept of its files. */
  artifactBytes: number;
}

/** Takes the result and the artifacts out of a job that has ended, before its folder is removed. Safe to repeat. */
export async function gather(
  context: ReconcilerContext,
  job: Job & { handle: string },
  { engine, stdoutBytes }: { engine: Engine; stdoutBytes: number },
): Promise<Gathered> {
  const problems: string[] = [];
  const attempt = async <Value>(what: string, work: () => Promise<Value>): Promise<Value | null> => {
    try {
      return await work();
    } catch (error) {
      context.report.fault(`Cannot ${what} of job "${job.id}"`, error);
      problems.push(`Cannot ${what}: the server failed`);
      return null;
    }
  };
  const isAsked = (job.spec.view.collect?.length ?? 0) > 0;
  const kept = isAsked
    ? await attempt("keep the artifacts", () => keepArtifacts(context, job, engine))
    : null;
  if (kept !== null) problems.push(...kept.missed);
  const found = await attempt("read the result", async () =>
    withoutSecrets(
      await findResult(context, job, { engine, stdoutBytes }),
      await context.jobSecrets?.masks(job),
    ),
  );
  if (found?.problem) problems.push(found.problem);
  return { resultJson: found?.resultJson ?? null, problems, artifactBytes: kept?.bytes ?? 0 };
}

/** What is stored of a result shows no more than the output does. */
async function withoutSecrets(found: FoundResult, masks: Automaton | null = null): Promise<FoundResult> {
  if (masks === null) return found;
  const masked = (text: string): string => {
    const bytes = Buffer.from(text);
    masks.mask(bytes);
    return bytes.toString();
  };
  const problem = found.problem === null ? null : masked(found.problem);
  const resultJson = found.resultJson === null ? null : masked(found.resultJson);
  if (resultJson === null || resultJson === found.resultJson) return { resultJson, problem };
  const parsed = await parseResult(Buffer.from(resultJson), "The result, without the secrets in it,");
  return parsed.problem === null ? parsed : { resultJson: null, problem: masked(parsed.problem) };
}

async function keepArtifacts(
  { artifacts, settings, artifactsKept }: ReconcilerContext,
  job: Job & { handle: string },
  engine: Engine,
): Promise<{ missed: string[]; bytes: number }> {
  const patterns = job.spec.view.collect ?? [];
  const into = await artifacts.prepare(job.id);
  const collected = await engine.collect(job.handle, {
    paths: patterns,
    into,
    maxBytes: settings.artifactBytes,
    maxFiles: settings.artifactFiles,
    turnOf: job.owner,
  });
  const { artifacts: items, skipped, heldBytes } = collected;
  const bytes = await artifacts.save(job.id, { items, skipped }, { heldBytes });
  artifactsKept?.(bytes);
  return { missed: missedPatterns(patterns, skipped), bytes };
}

async function findResult(
  { logs }: ReconcilerContext,
  job: Job & { handle: string },
  { engine, stdoutBytes }: { engine: Engine; stdoutBytes: number },
): Promise<FoundResult> {
  const { resultFile } = job.spec.view;
  if (resultFile === undefined) {
    return resultInOutput(logs, { jobId: job.id, stdoutBytes });
  }
  const bytes = await engine.readFile(job.handle, resultFile, maxResultBytes);
  if (bytes === null)
    return { resultJson: null, problem: `Result file "${resultFile}" is missing or not a regular file` };
  return parseResult(bytes, `Result file "${resultFile}"`);
}
