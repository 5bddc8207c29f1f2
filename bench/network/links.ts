import type { JobSpecInput } from "@berth/protocol";
import { inTurns } from "../bench.ts";
import { runJob } from "../measure/jobs.ts";
import type { Row } from "../measure/row.ts";
import type { BenchServer } from "../measure/server.ts";
import { median } from "../measure/statistics.ts";
import type { Played } from "./jobs.ts";
import { HOST_PORT, PLAIN_HOST, plainMibs, sendScript, WORLD } from "./played-host.ts";

const MIB = 4096;
/** Of the host, as jobs name it. */
const GATEWAY = "10.213.0.1";

/** What one connection of a job carries: to a port of the host, by one link, and to the world, by two and the host's table. */
export async function measureLinks(
  server: BenchServer,
  plain: number,
  { rounds, scale }: Played,
): Promise<Row[]> {
  const mib = Math.ceil(MIB * scale);
  const jobMibs = async (to: string, port: number, spec: Partial<JobSpecInput>): Promise<number> => {
    const args = ["-e", sendScript, to, String(port), String(mib)];
    const { id } = await runJob(server.client, { command: "/usr/bin/perl", args, ...spec });
    const output = server.client.stream(
      `/api/v1/jobs/${id}/output?stream=stdout`,
      "application/octet-stream",
    );
    return mib / Number(Buffer.concat(await Array.fromAsync(output)).toString());
  };
  const toWorld = (spec: Partial<JobSpecInput>) => () => jobMibs(WORLD.address, WORLD.port, spec);
  const [near, far, observed] = [
    await inTurns(rounds, {
      floor: async () => plainMibs(plain, { to: PLAIN_HOST, port: HOST_PORT, mib }),
      berth: () => jobMibs(GATEWAY, HOST_PORT, { network: "host" }),
    }),
    await inTurns(rounds, {
      floor: async () => plainMibs(plain, { to: WORLD.address, port: WORLD.port, mib }),
      berth: toWorld({ network: "internet" }),
    }),
    await inTurns(rounds, {
      floor: toWorld({ network: "internet" }),
      berth: toWorld({ network: "internet", observe: true }),
    }),
  ];
  const row = (what: string, found: typeof near, atLeast: number): Row => ({
    what,
    unit: "MiB/s",
    berth: median(found.berth),
    floor: median(found.floor),
    goal: { kind: "ratio", atLeast },
  });
  return [
    row("a connection of a job to its host, against a plain veth", near, 0.8),
    row(
      "a connection of a job to the world, by the table and NAT, against plain veths and routing",
      far,
      0.8,
    ),
    row("the same of a job that is observed, against one that is not", observed, 0.9),
  ];
}
