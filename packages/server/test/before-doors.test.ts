import { expect, it } from "vitest";
import { loadConfig } from "../src/config/config.ts";
import { startServer } from "../src/server.ts";
import { tempFolder } from "./support/temp-folder.ts";

it("does what nobody is to wait for before it listens", async () => {
  await using folder = tempFolder();
  const env = {
    BERTH_DATA_DIR: `${folder.path}/data`,
    BERTH_HTTP_ADDRESS: "127.0.0.1:0",
    BERTH_GRPC_ADDRESS: "none",
    BERTH_ENGINE: "fake",
    BERTH_LOG_LEVEL: "silent",
  };
  const listening: boolean[] = [];
  const look = (): void => void listening.push(process.getActiveResourcesInfo().includes("TCPServerWrap"));
  await using _server = await startServer(loadConfig({ env, cwd: folder.path }), { beforeDoors: look });
  look();
  expect(listening).toEqual([false, true]);
});
