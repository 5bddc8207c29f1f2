import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { startServer } from "../../src/server.ts";
import { ApiClient } from "./api-client.ts";
import { tempFolder } from "./temp-folder.ts";

/** A whole server within the test's own process, on the fake engine, a new folder and a port of its own choice. */
export interface InProcessServer extends AsyncDisposable {
  readonly url: string;
  readonly api: ApiClient;
}

export async function startInProcessServer(
  env: Readonly<Record<string, string>> = {},
): Promise<InProcessServer> {
  const folder = tempFolder();
  const settings = {
    BERTH_DATA_DIR: join(folder.path, "data"),
    BERTH_HTTP_ADDRESS: "127.0.0.1:0",
    BERTH_GRPC_ADDRESS: "none",
    BERTH_ENGINE: "fake",
    BERTH_LOG_LEVEL: "silent",
    ...env,
  };
  const server = await startServer(loadConfig({ env: settings, cwd: folder.path }));
  const token = readFileSync(server.adminTokenPath, "utf8").trim();
  return {
    url: server.url,
    api: new ApiClient({ url: server.url, token }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
