import type { NextRuns, Schedule, SchedulePatch, ScheduleRun, ScheduleSpecInput } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import { Definitions, type PageOptions } from "./definitions.ts";
import type { Page } from "./page.ts";
import { asDefinition, asNextRuns, asRunPage } from "./task-answers.ts";

/**
 * Tasks that are run by the clock, as whoever made the schedule. A task that schedules belong to cannot be deleted.
 *
 * @example
 * ```ts
 * await berth.schedules.create("sales-monthly", { task: "monthly-report", cron: "30 6 1 * *", zone: "Europe/Berlin" });
 * console.log((await berth.schedules.next("sales-monthly")).items);
 * ```
 */
export class Schedules extends Definitions<Schedule, ScheduleSpecInput, SchedulePatch> {
  constructor(rest: Rest) {
    super(rest, {
      list: routes.listSchedules,
      create: routes.createSchedule,
      get: routes.getSchedule,
      update: routes.updateSchedule,
      delete: routes.deleteSchedule,
      versions: routes.listScheduleVersions,
      diff: routes.diffSchedule,
      rollBack: routes.rollBackSchedule,
    });
  }

  /** When it is due next, at most 100 instants. Default 10. */
  async next(
    name: string,
    { signal, count }: SignalOptions & { count?: number | undefined } = {},
  ): Promise<NextRuns> {
    const call = { route: routes.previewSchedule, name, query: { count }, signal };
    return asNextRuns(await this.rest.json(call), this.rest.url);
  }

  /** What came of the instants that it was due at, latest first. */
  async runs(name: string, { signal, ...query }: PageOptions = {}): Promise<Page<ScheduleRun>> {
    const call = { route: routes.listScheduleRuns, name, query, signal };
    return asRunPage(await this.rest.json(call), this.rest.url);
  }

  /** Nothing is run until it is resumed. */
  async pause(name: string, { signal }: SignalOptions = {}): Promise<Schedule> {
    const call = { route: routes.pauseSchedule, name, signal };
    return asDefinition<Schedule>(await this.rest.json(call), this.rest.url);
  }

  /** From its next instant on; nothing of the pause is made up for. */
  async resume(name: string, { signal }: SignalOptions = {}): Promise<Schedule> {
    const call = { route: routes.resumeSchedule, name, signal };
    return asDefinition<Schedule>(await this.rest.json(call), this.rest.url);
  }
}
