import { createIdentity } from "../../auth/create-identity.ts";
import { newId } from "../../lib/ids.ts";
import type { Context } from "../../operations/context.ts";
import { findJob } from "../../operations/jobs/find-job.ts";
import { submitJob } from "../../operations/jobs/submit-job.ts";
import type { Command } from "./command.ts";
import { commandOf, type CommandOwner } from "./command-of.ts";
import { type ExecuteOptions, specOf } from "./execute-options.ts";
import type { StartedCommands } from "./started-commands.ts";

/** The way in for the program in whose process jobs run. */
export interface LibraryDoor {
  owner: CommandOwner;
  execute(command: string, args?: readonly string[], options?: ExecuteOptions): Promise<Command>;
  find(id: string): Promise<Command>;
}

/** `closing` aborts when the executor closes; the reason is what every call after that throws. */
export function openLibraryDoor(
  context: Context,
  { started, closing }: { started: StartedCommands; closing: AbortSignal },
): LibraryDoor {
  const identity = createIdentity(context);
  const caller: CommandOwner["caller"] = () =>
    identity.ofProcess({ door: "library", address: null, requestId: newId() });
  const owner: CommandOwner = { context, caller, closing };
  return {
    owner,
    async execute(command, args = [], options = {}) {
      const spec = specOf(command, args, options);
      const request = { caller: caller(), spec, idempotencyKey: null };
      const { job } = await started.during(() => submitJob(context, request));
      return commandOf(owner, job.id);
    },
    async find(id) {
      closing.throwIfAborted();
      await findJob(context, { caller: caller(), id });
      return commandOf(owner, id);
    },
  };
}
