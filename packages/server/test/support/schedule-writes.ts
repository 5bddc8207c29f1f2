import type { OperationName } from "@berth/protocol";

type Writes = Partial<Record<OperationName, () => Promise<string>>>;

/** How schedules of a task "hello" are changed, in an order in which all of it can be; each tells what it acted on. */
export function scheduleWrites(call: (request: string, body?: object) => Promise<unknown>): Writes {
  const name = "nightly";
  const path = "/api/v1/schedules";
  const after = async (answer: Promise<unknown>): Promise<string> => (await answer, name);
  const spec = { task: "hello", cron: "0 3 29 2 *" };
  return {
    createSchedule: () => after(call(`POST ${path}`, { name, spec })),
    updateSchedule: () => after(call(`PATCH ${path}/${name}`, { spec: { zone: "Europe/Berlin" } })),
    rollBackSchedule: () => after(call(`POST ${path}/${name}/rollback`, { version: 1 })),
    pauseSchedule: () => after(call(`POST ${path}/${name}/pause`)),
    resumeSchedule: () => after(call(`POST ${path}/${name}/resume`)),
    deleteSchedule: () => after(call(`DELETE ${path}/${name}`)),
  };
}
