import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import type { Row } from "./measure/row.ts";

/** What jobs with a network cost, on a host that is played: all of it in network namespaces of its own. */
export async function measureNetwork({ server, rounds, scale }: Bench): Promise<Row[]> {
  const missing = whyNot();
  if (missing !== null) {
    console.error(`SKIPPED: jobs with a network, because ${missing}`);
    return [];
  }
  const script = join(import.meta.dirname, "network/on-played-host.ts");
  const options = { folder: join(server.folder, "network"), rounds, scale };
  const node = [process.execPath, "--conditions=berth-source", script, JSON.stringify(options)];
  const { status, stdout } = spawnSync("/usr/bin/unshare", ["--net", ...node], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`The measurement on a played host ended with ${status}`);
  return JSON.parse(stdout) as Row[];
}

function whyNot(): string | null {
  if (process.getuid?.() !== 0) return "only root makes network namespaces";
  const missing = ["/usr/sbin/ip", "/usr/sbin/nft", "/usr/bin/perl"].find((path) => !existsSync(path));
  if (missing !== undefined) return `there is no ${missing}`;
  const { status } = spawnSync("/usr/bin/unshare", ["--net", "/usr/sbin/ip", "link", "set", "lo", "up"]);
  return status === 0 ? null : "this process may make no network namespaces";
}
