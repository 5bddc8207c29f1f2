import type { Runner, RunnerPatch, RunnerSpecInput } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { Definitions } from "./definitions.ts";

/**
 * Where tasks run, and what all tasks of one have: limits, network, secrets. Deleting one that tasks belong to throws
 * RUNNER_IN_USE.
 *
 * @example
 * ```ts
 * await berth.runners.create("reports", { resources: { memory: "512Mi" }, timeouts: { run: "5m" } });
 * ```
 */
export class Runners extends Definitions<Runner, RunnerSpecInput, RunnerPatch> {
  constructor(rest: Rest) {
    super(rest, {
      list: routes.listRunners,
      create: routes.createRunner,
      get: routes.getRunner,
      update: routes.updateRunner,
      delete: routes.deleteRunner,
      versions: routes.listRunnerVersions,
      diff: routes.diffRunner,
      rollBack: routes.rollBackRunner,
    });
  }
}
