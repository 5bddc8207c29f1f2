import type { Client } from "./client.ts";

/** The value of a metric without labels. NaN when the server has none of that name. */
export async function readMetric(client: Client, name: string): Promise<number> {
  const { body } = await client.send("GET", "/metrics");
  const line = body.split("\n").find((text) => text.startsWith(`${name} `));
  return Number(line?.split(" ")[1]);
}
