import { expect, it } from "vitest";
import { bodyReader } from "./large-body.ts";

const large = (): Uint8Array =>
  Buffer.from(JSON.stringify({ command: "true", args: Array.from({ length: 9000 }, () => "a") }));

it("reads a body with its turn: who sends one does not wait for all of another's", async () => {
  await using reader = bodyReader();
  const read: string[] = [];
  const ask = async (who: string): Promise<void> => {
    await reader.read([large()], who);
    read.push(who);
  };
  await Promise.all([...Array.from({ length: 30 }, () => ask("ann")), ask("bob")]);
  // Behind what the thread had already, and one of the other's.
  expect(read.indexOf("bob")).toBeLessThanOrEqual(3);
  expect(read).toHaveLength(31);
});

it("refuses those that wait when it ends", async () => {
  const reader = bodyReader();
  const asked = Array.from({ length: 10 }, () => reader.read([large()], "ann"));
  const ends = Promise.allSettled(asked);
  await reader[Symbol.asyncDispose]();
  for (const end of await ends)
    expect(end).toMatchObject({ status: "rejected", reason: { code: "SHUTTING_DOWN" } });
});
