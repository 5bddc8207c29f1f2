import type { JobSpecView } from "@berth/protocol";
import type { Job } from "../../src/core/job/job.ts";
import { KeptSpec } from "../../src/core/job/kept-spec.ts";
import { eachLimit } from "../../src/core/limits.ts";
import { newId } from "../../src/lib/ids.ts";
import type { JobFilter, JobInputs } from "../../src/store/store.ts";

/** What a test says of a job of its own. */
export type NamedOfJob = Partial<Omit<Job, "spec">> & { spec?: JobSpecView | KeptSpec };

/** A queued job of a fresh id, with what the test names. */
export function sampleJob({ spec = { command: "true", args: [] }, ...named }: NamedOfJob = {}): Job {
  return {
    id: newId(),
    owner: "alice",
    name: null,
    labels: {},
    state: "queued",
    cause: null,
    exitCode: null,
    signal: null,
    createdAt: 1_800_000_000_000,
    submittedSinceBoot: null,
    startedAt: null,
    endedAt: null,
    deadlineAt: null,
    usage: { cpuMs: null, wallMs: null, peakMemoryBytes: null, outputBytes: 0 },
    isolation: null,
    engine: "fake",
    priority: 0,
    network: null,
    contacts: null,
    task: null,
    source: null,
    alias: null,
    callbacks: null,
    retry: null,
    handle: null,
    resultJson: null,
    spec: spec instanceof KeptSpec ? spec : KeptSpec.of(spec),
    limits: {
      ...eachLimit(() => null),
      memory: { value: 2 ** 29, by: "job" },
      pids: { value: 512, by: "operator" },
      outputBytes: { value: 2 ** 30, by: "operator" },
      overflow: "stop",
    },
    stagesBefore: 0,
    stop: null,
    ...named,
  };
}

/** That somebody asks it to stop. */
export const asked = (graceMs: number): Job["stop"] => ({
  cause: { code: "stopped", message: "Stopped by ann", evidence: { by: "ann" } },
  graceMs,
  requestedAt: Date.now(),
});

export const noInputs: JobInputs = { files: [], stdin: null };

/** A filter that all jobs pass, but for what is named. */
export function filterOf(named: Partial<JobFilter> = {}): JobFilter {
  return {
    owner: null,
    states: null,
    labels: [],
    name: null,
    task: null,
    createdAfter: null,
    createdBefore: null,
    limit: 50,
    cursor: null,
    ...named,
  };
}
