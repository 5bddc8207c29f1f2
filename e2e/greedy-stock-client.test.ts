import { once } from "node:events";
import { expect, it } from "vitest";
import { openCommandDoor } from "../packages/server/test/support/command-door.ts";
import { stockClient, stockClientIsMissing } from "../packages/server/test/support/stock-client.ts";
import { until } from "../packages/server/test/support/until.ts";

const missing = stockClientIsMissing();
if (missing !== null) console.log(`SKIPPED: a greedy client of the stock library, because ${missing}`);

it.skipIf(missing !== null)(
  "tells a stock client that asks for too much, serves others meanwhile, and forgets it once it has vanished",
  async () => {
    await using door = await openCommandDoor({ engine: "fake" });
    const other = await door.client("client2");
    const owner = await door.client("client1");
    const command = { command: "fake", args: ["bytes=4MiB"], waitMs: 60_000 };
    const { executionId } = await owner.call("executeCommand", command);
    const greedy = await stockClient({
      folder: door.bench.root,
      certs: door.certs,
      target: () => `localhost:${door.port}`,
      script: "greedy.py",
    });
    const asked = greedy.call("client1", executionId?.value ?? "");
    let isOver = false;
    void asked.finally(() => (isOver = true));
    for (let served = 0; !isOver || served < 10; served += 1) {
      expect((await other.call("listAllExecutions", {})).executions).toEqual([]);
      expect((await fetch(`${door.server.url}/healthz`)).status).toBe(200);
    }
    const { code, lines } = await asked;
    expect([code, lines]).toMatchObject([
      0,
      [{ open: 256, lists: { OK: 100 }, codes: { RESOURCE_EXHAUSTED: 144 } }],
    ]);
    expect(String(lines[0]?.["details"])).toContain("BERTH_MAX_STREAMS");
    // It left 256 streams that nobody reads; their part is free again.
    const follows = async (): Promise<boolean> => {
      const stream = owner.open("getOutStream", { executionId });
      // Rejects where the stream is refused: the server may not have noticed yet that the client is gone.
      const isThere = await once(stream, "data").then(
        () => true,
        () => false,
      );
      stream.on("error", () => undefined).cancel();
      return isThere;
    };
    await until(follows, { what: "room for the owner of the certificate" });
  },
);
