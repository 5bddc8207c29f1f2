import { expect, it } from "vitest";
import { descriptorBudget } from "./descriptor-budget.ts";

it.each([1024, 4096, 20_000, 1_048_576])(
  "leaves the server what it needs of %i descriptors",
  (descriptors) => {
    const maxJobs = 16;
    const { connections, streams } = descriptorBudget({ descriptors, maxJobs });
    expect(connections).toBeGreaterThanOrEqual(256);
    // Each stream of a job of its own, and eight files of every job.
    expect(connections + 3 * streams + 8 * maxJobs).toBeLessThan(descriptors - 128);
  },
);

it("lets a few in where there is next to nothing", () => {
  expect(descriptorBudget({ descriptors: 64, maxJobs: 256 })).toEqual({ connections: 16, streams: 8 });
});
