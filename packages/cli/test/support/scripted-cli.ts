import { afterEach, beforeEach } from "vitest";
import type { ScriptedJob } from "../../../sdk/test/support/scripted-job.ts";
import { ScriptedServer } from "../../../sdk/test/support/scripted-server.ts";
import { type RunOptions, type Running, startBerth } from "./run-berth.ts";

/** The command line against a server that plays what the test tells it, a new one for each test. */
export interface ScriptedCli {
  readonly server: ScriptedServer;
  /** With the server's URL and a token. */
  options(more?: RunOptions): RunOptions;
  start(argv: string[], more?: RunOptions): Running;
  /** What becomes of a job, once it is submitted. */
  tell(life: (job: ScriptedJob) => void): void;
}

/** To be called once in a test file: begins and ends the server with each test. */
export function scriptedCli(): ScriptedCli {
  let server = new ScriptedServer();
  beforeEach(async () => {
    server = await new ScriptedServer().listen();
  });
  afterEach(() => server[Symbol.asyncDispose]());
  const options = (more: RunOptions = {}): RunOptions => ({
    ...more,
    env: { BERTH_URL: server.url, BERTH_TOKEN: "t", ...more.env },
  });
  return {
    get server() {
      return server;
    },
    options,
    start: (argv, more) => startBerth(argv, options(more)),
    tell(life) {
      server.onSubmit = (job) => setImmediate(life, job);
    },
  };
}
