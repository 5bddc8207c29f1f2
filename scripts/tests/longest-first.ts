import { BaseSequencer, type TestSpecification } from "vitest/node";
import { secondsOf } from "./slow-files.ts";

/**
 * Files that take long begin first, whatever their project: one that begins last lets the other workers stand idle. A
 * fresh checkout remembers no durations, so that the slow ones are named in `slow-files.ts`. Those that share processes come last and
 * by project: a process is kept only where the next file in line belongs to it.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted(
      (a, b) =>
        groupOf(a) - groupOf(b) ||
        sharedBy(a).localeCompare(sharedBy(b)) ||
        secondsOf(b.moduleId) - secondsOf(a.moduleId),
    );
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder;
}

/** The project whose processes the file shares; empty where it has one of its own. */
function sharedBy({ project }: TestSpecification): string {
  return project.config.isolate ? "" : project.name;
}
