import { BerthError } from "@berth/protocol";
import { openControlPlane } from "../../control-plane.ts";
import { createLocalEngine } from "../../engines/local/engine.ts";
import type { Command } from "./command.ts";
import { commandOf, type CommandOwner } from "./command-of.ts";
import { openDataFolder } from "./data-folder.ts";
import type { ExecuteOptions } from "./execute-options.ts";
import { openLibraryDoor } from "./library-door.ts";
import { checkOptions, type CheckedOptions, type ExecutorOptions } from "./options.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { StartedCommands } from "./started-commands.ts";

/** Runs commands on this host, in isolation, from within this process. */
export interface Executor extends AsyncDisposable {
  /** Where it keeps everything. */
  readonly dataDir: string;
  /**
   * Starts a command, or puts it into the queue when `maxJobs` run. When this resolves the command is on disk: it is
   * started at most once, whatever dies. It sees the host's toolchain and its own folder `/work`, no network.
   *
   * Throws REQUEST_INVALID, ENGINE_UNABLE, LIMIT_NOT_ENFORCEABLE, QUEUE_FULL, STORAGE_FAILED, SHUTTING_DOWN.
   */
  execute(command: string, args?: readonly string[], options?: ExecuteOptions): Promise<Command>;
  /** A command by its id, also one that an earlier executor on the same `dataDir` has started. JOB_NOT_FOUND. */
  find(id: string): Promise<Command>;
  /**
   * Ends what this executor has started and still runs (TERM, grace, KILL), waits until it is gone, and closes
   * everything; with `leaveRunning` it only closes. Whoever still waits or reads then hears SHUTTING_DOWN.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens an executor: the server's own parts without the server, on the engine of this host. It needs root and the
 * runtime `/usr/bin/crun`, as a server does; where they are missing every command ends with the cause `engine_failed`.
 * Dispose it: until then it keeps the process alive.
 *
 * Throws SETTINGS_INVALID with every wrong option, DATA_FOLDER_IN_USE, STORAGE_FAILED.
 *
 * @example
 * ```ts
 * await using executor = await createExecutor({ limits: { cpu: "50%", memory: "64Mi" } });
 * const command = await executor.execute("head", ["-c", "8", "/dev/random"]);
 * for await (const { stream, data } of command.output()) process[stream].write(data);
 * const { state, exitCode, cause } = await command.wait();
 * ```
 */
export async function createExecutor(options: ExecutorOptions = {}): Promise<Executor> {
  const checked = checkOptions(options);
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await openDataFolder(checked.dataDir));
  const settings = settingsOf(checked, folder.path);
  const started = new StartedCommands();
  const { context } = opening.use(await open(settings, { options: checked, started }));
  const closing = new AbortController();
  const door = openLibraryDoor(context, { started, closing: closing.signal });
  opening.defer(() => closing.abort(disposed()));
  if (checked.leaveRunning !== true) opening.defer(() => started.end((id) => stopOrKill(door.owner, id)));
  opening.defer(() => started.close(disposed));

  const all = opening.move();
  let disposing: Promise<void> | null = null;
  return {
    dataDir: folder.path,
    execute: (...what) => door.execute(...what),
    find: (id) => door.find(id),
    [Symbol.asyncDispose]: () => (disposing ??= all[Symbol.asyncDispose]()),
  };
}

function open(
  settings: Settings,
  { options, started }: { options: CheckedOptions; started: StartedCommands },
): ReturnType<typeof openControlPlane> {
  const notice = options.onNotice ?? (() => undefined);
  return openControlPlane(settings, {
    events: {
      jobSubmitted: ({ id }) => started.add(id),
      accessChanged: () => undefined,
      jobStarted: () => undefined,
      jobEnded: ({ id }) => started.delete(id),
      fault: (what, error) => notice(what, { error }),
    },
    reportDisk: (isFull) => notice(isFull ? "the data disk is full" : "the data disk has room again", {}),
    engines: [
      () =>
        createLocalEngine({
          dataDir: settings.dataDir,
          maxJobs: settings.maxJobs,
          cgroupName: settings.local.cgroup,
          ownsGroups: options.cgroup === undefined,
          runtime: settings.local.runtime,
          sandboxMaker: settings.local.sandboxMaker,
          warmSandboxes: settings.local.warmSandboxes,
          warmNetworked: settings.local.warmNetworked,
          hostCap: settings.jobsCap,
          onNotice: notice,
        }),
    ],
  });
}

/** A disk that takes no stop must not keep a command running whose folder is about to go. */
async function stopOrKill(owner: CommandOwner, id: string): Promise<void> {
  try {
    await commandOf(owner, id).stop();
  } catch (error) {
    for (const engine of owner.context.engines.values()) await engine.destroy(engine.handleFor(id));
    throw error;
  }
}

function disposed(): BerthError {
  return new BerthError("SHUTTING_DOWN", "Cannot go on: the executor is disposed");
}
