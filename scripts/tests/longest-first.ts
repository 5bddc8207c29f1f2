import { BaseSequencer, type TestSpecification } from "vitest/node";
import { secondsOf } from "./slow-files.ts";

/**
 * Files that take long begin first, whatever their project: one that begins last lets the other workers stand idle. A
 * fresh checkout remembers no durations, so that the slow ones are named in `slow-files.ts`.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted(
      (a, b) => groupOf(a) - groupOf(b) || secondsOf(b.moduleId) - secondsOf(a.moduleId),
    );
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder;
}
