import type { Job, JobSpecInput } from "@berth/protocol";
import { coldWhereAsked } from "./cold-where-asked.ts";
import { type InProcessServer, startInProcessServer } from "./in-process-server.ts";
import { sandboxMaker, subject } from "./local-subject.ts";

/** A whole server on the real engine of this host, and the few steps that tests of hostile jobs take. */
export interface LocalServer extends InProcessServer {
  /** Submits a shell script (or a program) and answers at its end, with what it wrote to stdout. */
  run: (script: string | JobSpecInput, spec?: Partial<JobSpecInput>) => Promise<{ job: Job; stdout: string }>;
  /** That the server takes and runs jobs as if nothing were going on. */
  servesOthers: () => Promise<void>;
}

/** null, with a loud line, where this host has no local engine. */
export async function startLocalServer(
  what: string,
  env: Readonly<Record<string, string>> = {},
): Promise<LocalServer | null> {
  const missing = await subject.missing();
  if (missing !== null) {
    console.log(`SKIPPED: ${what}, because ${missing}`);
    return null;
  }
  const server = await startInProcessServer({
    BERTH_ENGINE: "local",
    BERTH_SANDBOX_MAKER: sandboxMaker,
    ...coldWhereAsked,
    ...env,
  });
  const run: LocalServer["run"] = async (script, spec = {}) => {
    const { id } = await server.api.submit({ ...specOf(script), ...spec });
    const job = await server.api.end(id);
    return { job, stdout: await server.api.output(id) };
  };
  return {
    ...server,
    run,
    async servesOthers() {
      const { job, stdout } = await run("echo served");
      if (stdout !== "served\n") throw new Error(`Another job ended ${job.state}: ${job.cause?.message}`);
    },
  };
}

export function shell(script: string): JobSpecInput {
  return { command: "sh", args: ["-c", script] };
}

export function python(program: string, ...args: string[]): JobSpecInput {
  return { command: "/usr/bin/python3", args: ["-c", program, ...args] };
}

function specOf(script: string | JobSpecInput): JobSpecInput {
  return typeof script === "string" ? shell(script) : script;
}
