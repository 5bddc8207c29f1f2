import type { OperationName } from "@berth/protocol";

type Writes = Partial<Record<OperationName, () => Promise<string>>>;

/** How a runner "plain" and a task "hello" are changed and run, in an order in which all of it can be; each tells what it acted on. */
export function taskWrites(
  call: (request: string, body?: object) => Promise<Record<string, unknown>>,
): Writes {
  return {
    createRunner: async () => (await call("POST /api/v1/runners", { name: "plain", spec: {} }), "plain"),
    updateRunner: async () => (
      await call("PATCH /api/v1/runners/plain", { spec: { resources: { memory: "64Mi" } } }), "plain"
    ),
    rollBackRunner: async () => (await call("POST /api/v1/runners/plain/rollback", { version: 1 }), "plain"),
    createTask: async () => (
      await call("POST /api/v1/tasks", { name: "hello", spec: { runner: "plain", command: "true" } }), "hello"
    ),
    updateTask: async () => (
      await call("PATCH /api/v1/tasks/hello", { spec: { command: "false" } }), "hello"
    ),
    rollBackTask: async () => (await call("POST /api/v1/tasks/hello/rollback", { version: 1 }), "hello"),
    runTask: async () => String((await call("POST /api/v1/tasks/hello/run", {}))["id"]),
  };
}
