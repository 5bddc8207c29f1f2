import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { startServer } from "../../src/server.ts";
import { ApiClient } from "./api-client.ts";
import { cgroupNameOf, removeControlGroups } from "./cgroup-name.ts";
import { tempFolder } from "./temp-folder.ts";

/** A whole server within the test's own process, on a new folder and a port of its own choice. */
export interface InProcessServer extends AsyncDisposable {
  readonly url: string;
  /** 0 when it speaks no gRPC, which it does not unless `env` says so. */
  readonly grpcPort: number;
  readonly api: ApiClient;
  /** Below it lies everything that the server keeps. */
  readonly dataDir: string;
}

/** On the fake engine, unless `env` says otherwise. */
export async function startInProcessServer(
  env: Readonly<Record<string, string>> = {},
): Promise<InProcessServer> {
  const folder = tempFolder();
  const settings = {
    BERTH_DATA_DIR: join(folder.path, "data"),
    BERTH_HTTP_ADDRESS: "127.0.0.1:0",
    BERTH_GRPC_ADDRESS: "none",
    BERTH_ENGINE: "fake",
    BERTH_CGROUP: cgroupNameOf(folder.path),
    BERTH_LIMITS: "best-effort",
    BERTH_LOG_LEVEL: "silent",
    ...env,
  };
  const server = await startServer(loadConfig({ env: settings, cwd: folder.path }));
  const token = readFileSync(server.adminTokenPath, "utf8").trim();
  return {
    url: server.url,
    grpcPort: server.grpcPort ?? 0,
    dataDir: settings.BERTH_DATA_DIR,
    api: new ApiClient({ url: server.url, token }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await removeControlGroups(settings.BERTH_CGROUP);
      await folder[Symbol.asyncDispose]();
    },
  };
}
