import type { Job } from "../../src/core/job.ts";
import { eachLimit } from "../../src/core/limits.ts";
import { newId } from "../../src/lib/ids.ts";
import type { JobFilter, JobInputs } from "../../src/store/store.ts";

/** A queued job of a fresh id, with what the test names. */
export function sampleJob(named: Partial<Job> = {}): Job {
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
    startedAt: null,
    endedAt: null,
    deadlineAt: null,
    usage: { cpuMs: null, wallMs: null, peakMemoryBytes: null, outputBytes: 0 },
    isolation: null,
    engine: "fake",
    handle: null,
    resultJson: null,
    spec: { command: "true", args: [] },
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

export const noInputs: JobInputs = { files: [], stdin: null };

/** A filter that all jobs pass, but for what is named. */
export function filterOf(named: Partial<JobFilter> = {}): JobFilter {
  return {
    owner: null,
    states: null,
    labels: [],
    name: null,
    createdAfter: null,
    createdBefore: null,
    limit: 50,
    cursor: null,
    ...named,
  };
}
