import { z } from "zod";
import { definedName } from "../access/object-name.ts";
import { jobOptions } from "../job-spec.ts";
import { definitionHead, sharedOptions, versionHead } from "./definition.ts";
import { patchOf } from "./patch-of.ts";
import { runnerImage, sourceOptions } from "./source.ts";

const runnerSpecExample = {
  description: "Reports of the sales department",
  resources: { memory: "512Mi", pids: 64 },
  timeouts: { run: "5m" },
};

const withCodeExample = {
  ...runnerSpecExample,
  url: "https://git.example.org/sales/reports.git",
  ref: "v2",
  credentials: { token: { secret: "reports-git" } },
};

/** Where tasks run, and what all of them have. */
export const runnerSpec = z
  .strictObject({
    ...sharedOptions,
    engine: jobOptions.shape.engine.meta({ description: "Default: the server's" }),
    image: runnerImage,
    ...sourceOptions,
  })
  .meta({ id: "RunnerSpec", examples: [withCodeExample] });

const runnerExample = {
  name: "reports",
  version: 3,
  owner: "ada",
  createdAt: "2026-01-31T12:00:00.000Z",
  updatedAt: "2026-02-01T08:30:00.000Z",
  updatedBy: "ada",
  spec: withCodeExample,
};

export const runner = z
  .object({ ...definitionHead, spec: runnerSpec })
  .meta({ id: "Runner", examples: [runnerExample] });

export const runnerList = z
  .object({ items: z.array(runner), next: z.string().nullable() })
  .meta({ id: "RunnerList", examples: [{ items: [runnerExample], next: null }] });

export const runnerVersionList = z
  .object({ items: z.array(z.object({ ...versionHead, spec: runnerSpec })), next: z.string().nullable() })
  .meta({
    id: "RunnerVersionList",
    examples: [
      {
        items: [{ version: 3, at: "2026-02-01T08:30:00.000Z", by: "ada", spec: runnerSpecExample }],
        next: null,
      },
    ],
  });

export const createRunnerBody = z
  .strictObject({ name: definedName, spec: runnerSpec })
  .meta({ examples: [{ name: "reports", spec: runnerSpecExample }] });

export const updateRunnerBody = z
  .strictObject({ spec: patchOf(runnerSpec.shape) })
  .meta({ examples: [{ spec: { resources: { memory: "1Gi" }, description: null } }] });

export type RunnerSpec = z.output<typeof runnerSpec>;
export type RunnerSpecInput = z.input<typeof runnerSpec>;
export type Runner = z.output<typeof runner>;
export type RunnerPatch = z.input<typeof updateRunnerBody>["spec"];
