import type { Job } from "@berth/protocol";
import { type LocalServer, startLocalServer } from "./local-server.ts";

/** A server on the real engine that fetches from this host, and runs of commands with the code of runners. */
export interface TasksOfGit extends AsyncDisposable {
  server: LocalServer;
  made(noun: string, body: object): Promise<void>;
  /** Defines a runner of this spec and a task of it, and runs that: its job at the end, what it and its stage `clone` printed. */
  run(spec: object, command?: string): Promise<{ job: Job; stdout: string; log: string }>;
  /** The same without waiting for the end. */
  begin(spec: object, command?: string): Promise<string>;
}

/** null, with a loud line, where this host has no local engine. */
export async function openTasksOfGit(what: string): Promise<TasksOfGit | null> {
  const server = await startLocalServer(what, { BERTH_SOURCES_ALLOW: "127.0.0.0/8, ::1" });
  if (server === null) return null;
  let count = 0;
  const made: TasksOfGit["made"] = async (noun, body) => {
    const answer = await server.api.request(`/api/v1/${noun}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(await answer.text());
  };
  const begin: TasksOfGit["begin"] = async (spec, command = "ls -A") => {
    const name = `n${(count += 1)}`;
    await made("runners", { name, spec });
    await made("tasks", { name, spec: { runner: name, command, network: "none" } });
    const answer = await server.api.request(`/api/v1/tasks/${name}/run`, { method: "POST" });
    if (answer.status !== 202) throw new Error(await answer.text());
    return ((await answer.json()) as Job).id;
  };
  return {
    server,
    made,
    begin,
    async run(spec, command) {
      const id = await begin(spec, command);
      const job = await server.api.end(id);
      const log = await server.api.request(`/api/v1/jobs/${id}/output?stage=clone&stream=stderr`);
      return { job, stdout: await server.api.output(id), log: await log.text() };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
