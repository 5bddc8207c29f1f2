import { describe, expect, it } from "vitest";
import { noLimits } from "../../../test/support/engine-bench.ts";
import { EngineError } from "../../engines/engine.ts";
import { whyNotStarted } from "./why-not-started.ts";

const faults: string[] = [];
const report = {
  jobStarted: () => undefined,
  jobEnded: () => undefined,
  fault: (what: string) => void faults.push(what),
};

describe("the end of a job that was not started", () => {
  it("is that its memory ran out, where its limit is less than its sandbox holds", () => {
    const verdict = { kind: "oom", limitBytes: 65_536, peakBytes: 131_072, kills: 0 } as const;
    const error = new EngineError("no", { blame: "job", retryable: false, verdict });
    expect(whyNotStarted({ report }, error, { job: { id: "1", limits: noLimits } })).toEqual({
      state: "failed",
      cause: {
        code: "oom",
        message: "Memory limit 64 KiB reached, peak 128 KiB, oom_kill 0: raise `memory`",
        evidence: { kills: 0, limitBytes: 65_536, peakBytes: 131_072 },
      },
    });
    expect(faults).toEqual([]);
  });
});
