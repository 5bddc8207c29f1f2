import { isBerthError, BerthError } from "@berth/protocol";
import { openStandbyDoor, type StandbyDoor } from "./api/http/listen/standby-door.ts";
import type { Config } from "./config/config.ts";
import { systemReason } from "./core/system-reason.ts";
import { systemClock } from "./lib/clock.ts";
import { openFolderCredentials } from "./pki/credentials/folder-credentials.ts";
import { type Server, startServer } from "./server.ts";
import { lockDataDir } from "./store/data-dir-lock.ts";
import { untilDatabaseIsFree } from "./store/open-store.ts";

export interface StandbyOptions {
  graceMs: number;
  stop: AbortSignal;
  beforeDoors: () => void;
}

/**
 * Waits while another server has the database, then starts as ever. Meanwhile REST says that it lives and why it is not ready; at gRPC's
 * address nobody listens, which is what clients call unavailable. null where it is told to stop before. Throws as starting does.
 */
export async function startWhenFree(config: Config, options: StandbyOptions): Promise<Server | null> {
  const { graceMs, stop, beforeDoors } = options;
  await using waiting = new AsyncDisposableStack();
  let reason = "looks who has the database";
  const door = waiting.use(await openDoor(config, { waiting, reason: () => reason }));
  const say = (now: string): void => {
    if (now !== reason) console.log(`Berth ${door === null ? "" : `at ${door.url} `}${now}`);
    reason = now;
  };
  for (;;) {
    try {
      await using _folder = await lockDataDir(config.dataDir);
      const onLook: Parameters<typeof untilDatabaseIsFree>[1]["onLook"] = (seen) =>
        say(
          "error" in seen
            ? `stands by: ${seen.error.message}`
            : `stands by: server ${seen.holder} has the database`,
        );
      await untilDatabaseIsFree(config.database, { graceMs, signal: stop, onLook });
    } catch (error) {
      if (stop.aborted) return null;
      throw error;
    }
    say("is taking the database over");
    try {
      return await startServer(config, {
        async beforeDoors() {
          await waiting.disposeAsync();
          beforeDoors();
        },
      });
    } catch (error) {
      // Another one that stood by was faster.
      if (!isBerthError(error) || error.code !== "DATABASE_IN_USE") throw error;
    }
  }
}

/** null where the key to listen with is made by the server itself, which has begun nothing yet. */
async function openDoor(
  { http: { host, port, tls } }: Config,
  { waiting, reason }: { waiting: AsyncDisposableStack; reason: () => string },
): Promise<StandbyDoor | null> {
  if (tls.kind === "built-in") return null;
  const report = (what: string, error: unknown): void => console.error(what, error);
  const source =
    tls.kind === "none"
      ? null
      : waiting.use(
          await openFolderCredentials({ folder: tls.path, clock: systemClock, report, asksClients: false }),
        );
  try {
    return await openStandbyDoor({ host, port, tls: source, reason });
  } catch (error) {
    throw new BerthError("SETTINGS_INVALID", `Cannot listen on ${host}:${port}: ${systemReason(error).why}`, {
      fix: "Set BERTH_HTTP_ADDRESS to an address of this host and a free port that this user may use",
      cause: error,
    });
  }
}
