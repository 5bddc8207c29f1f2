import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { until } from "../../../../test/support/until.ts";
import { listen } from "./listener.ts";

describe("a listener that closes", () => {
  it("cuts both connections of a client that uses one port towards two addresses", async () => {
    const taken: Socket[] = [];
    const onConnection = (socket: Socket): void => void taken.push(socket);
    const listener = await listen({ host: "0.0.0.0", port: 0, mostUnknown: 10, onConnection });
    const { port } = listener;
    const first = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.1" }).on(
      "error",
      () => undefined,
    );
    await once(first, "connect");
    const from = { localAddress: "127.0.0.1", localPort: first.localPort ?? 0 };
    const second = connect({ port, host: "127.0.0.2", ...from }).on("error", () => undefined);
    await once(second, "connect");
    await until(() => taken.length === 2, { what: "both connections" });
    second.destroy();
    await until(() => taken.every((one, index) => index === 0 || one.destroyed), { what: "the end of one" });
    await listener.close(100);
    expect(taken.map(({ destroyed }) => destroyed)).toEqual([true, true]);
    first.destroy();
  });
});
