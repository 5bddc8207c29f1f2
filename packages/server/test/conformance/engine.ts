import { afterAll, describe, expect, it } from "vitest";
import { openEngineBench, type EngineBench } from "../support/engine-bench.ts";
import type { EngineSubject } from "../support/engine-subject.ts";
import { describeCollecting } from "./engine/collecting.ts";
import { describeConnecting } from "./engine/connecting.ts";
import { describeEnding } from "./engine/ending.ts";
import { describeHandingOn } from "./engine/handing-on.ts";
import { describeLifecycle } from "./engine/lifecycle.ts";
import { describeLimits } from "./engine/limits.ts";
import { describeOutput } from "./engine/output.ts";
import { describeOverlays } from "./engine/overlays.ts";
import { describeRecovery } from "./engine/recovery.ts";
import { describeStopping } from "./engine/stopping.ts";
import { describeSurroundings } from "./engine/surroundings.ts";

/** What every engine must hold, for all that the port promises. Skips only what the engine says it cannot do. */
export async function describeEngine(subject: EngineSubject): Promise<void> {
  const missing = await subject.missing();
  return missing === null ? describePort(await openEngineBench(subject)) : describeMissing(subject, missing);
}

function describePort(bench: EngineBench): void {
  describe(`engine ${bench.subject.name}`, () => {
    afterAll(() => bench[Symbol.asyncDispose]());
    describeEnding(bench);
    describeOutput(bench);
    describeSurroundings(bench);
    describeConnecting(bench);
    describeStopping(bench);
    describeRecovery(bench);
    describeCollecting(bench);
    describeHandingOn(bench);
    describeOverlays(bench);
    describeLimits(bench);
    describeLifecycle(bench);
  });
}

function describeMissing({ name }: EngineSubject, missing: string): void {
  console.log(`SKIPPED: the whole conformance suite of engine "${name}", because ${missing}`);
  describe.skipIf(missing !== "")(`engine ${name}`, () => {
    it("finds on this host what it needs", () => expect(missing).toBeNull());
  });
}
