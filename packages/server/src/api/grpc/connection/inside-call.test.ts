import { StreamDecoder } from "@grpc/grpc-js/build/src/stream-decoder.js";
import { expect, it } from "vitest";
import { joinMessagePieces } from "./inside-call.ts";

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
const head = Buffer.alloc(5);
head.writeUInt32BE(bytes.length, 1);

it.each([
  ["each byte by itself", [1]],
  ["small and large frames in turns", [1, 1, 1, 5000, 3, 16_384, 4095, 4096]],
  ["frames of the usual size", [16_384]],
])("keeps a message that comes in %s in few pieces, and gives it whole, twice", (_how, sizes) => {
  const decoder = new StreamDecoder(2 ** 20);
  joinMessagePieces({ decoder });
  const kept = (): number => (Reflect.get(decoder, "readPartialMessage") as unknown[]).length;
  for (let round = 0; round < 2; round += 1) {
    const messages = [...decoder.write(head)];
    let most = 0;
    for (let at = 0, frame = 0; at < bytes.length; frame += 1) {
      const size = sizes[frame % sizes.length] ?? 1;
      messages.push(...decoder.write(bytes.subarray(at, at + size)));
      most = Math.max(most, kept());
      at += size;
    }
    expect(messages.map((message) => message.subarray(5).equals(bytes))).toEqual([true]);
    expect(most).toBeLessThanOrEqual(150);
  }
});
