import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startServer } from "../measure/server.ts";
import { measureIdle } from "./idle.ts";
import { measureJobs, type Played } from "./jobs.ts";
import { measureLinks } from "./links.ts";
import { HOST_PORT, playHost } from "./played-host.ts";

/** Measures in the network namespace in which it runs, which is its own, and says the rows as JSON. */
const played = JSON.parse(process.argv[2] ?? "") as Played;
mkdirSync(played.folder, { recursive: true });
await using host = await playHost();
const rows = await measureIdle(played);
{
  await using server = await startServer(join(played.folder, "main"), {
    name: "net",
    env: {
      BERTH_WARM_SANDBOXES: "2",
      BERTH_WARM_NETWORKED: "2",
      BERTH_NETWORKS: JSON.stringify({ host: { host: [HOST_PORT] } }),
    },
  });
  rows.push(...(await measureJobs(server, played)), ...(await measureLinks(server, host.plain, played)));
}
console.log(JSON.stringify(rows));
