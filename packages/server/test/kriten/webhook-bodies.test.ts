import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "../support/in-process-server.ts";
import { kriten } from "../support/kriten-rows.ts";

const MIB = 2 ** 20;
const whole = 10 * MIB;
const chunk = Buffer.alloc(64 * 2 ** 10, "x");

let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcessServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Who calls has proven nothing yet: there need be no such webhook. */
const doors = ["/api/v1/webhooks/push/run", `${kriten}/webhooks/run/push`];

/** The head of a call, and all that is answered. */
async function begin(path: string, length: string): Promise<{ socket: Socket; heard: () => string }> {
  const { hostname, port, host } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let heard = "";
  socket.setEncoding("utf8").on("data", (text: string) => (heard += text));
  // It is cut while we write.
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const head = [`POST ${path} HTTP/1.1`, `host: ${host}`, "content-type: application/json", length];
  socket.write(`${head.join("\r\n")}\r\nx-hook-signature: 00\r\n\r\n`);
  return { socket, heard: () => heard };
}

describe.each(doors)("a body of 10 MiB for %s", (path) => {
  it("is refused by its length, before any of it is sent", async () => {
    const { socket, heard } = await begin(path, `content-length: ${whole}`);
    await expect.poll(heard).toContain(" 413 ");
    socket.destroy();
  });

  it("is refused without a length as soon as it is too much, and the rest is not read", async () => {
    const { socket, heard } = await begin(path, "transfer-encoding: chunked");
    let sent = 0;
    for (; sent < whole && heard() === "" && !socket.destroyed; sent += chunk.length) {
      socket.write(`${chunk.length.toString(16)}\r\n`);
      socket.write(chunk);
      // What waits in the kernel is no reading of the server's: it has its turn after each.
      const goesOn = Promise.withResolvers<void>();
      socket.once("close", goesOn.resolve).write("\r\n", () => goesOn.resolve());
      await goesOn.promise;
      await setImmediate();
    }
    expect(sent).toBeGreaterThanOrEqual(MIB);
    expect(sent).toBeLessThan(4 * MIB);
    await expect.poll(() => socket.readableEnded || socket.destroyed).toBe(true);
    // Whoever still writes when it is cut may have lost the answer.
    expect(heard()).toMatch(/^(HTTP\/1\.1 413 |$)/);
    socket.destroy();
  });
});
