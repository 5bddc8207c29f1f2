import { encodeFrameHead } from "@berth/protocol/output-frames";
import { describe, expect, it } from "vitest";
import { readFrames } from "./frames.ts";

const url = "http://test";

function frame(kind: "alive" | "stdout" | "stderr" | "end", text: string, offset: number): Uint8Array {
  const data = Buffer.from(text);
  return Buffer.concat([encodeFrameHead({ kind, size: data.length, offset, at: 5 }), data]);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const all = Buffer.concat([
  frame("alive", "", 0),
  frame("stdout", "hello, world", 0),
  frame("stderr", "!", 12),
  frame("end", "", 13),
]);

describe("frames", () => {
  it.each([1, 2, 7, 23, 24, 25, 37, 1000])("are the same from pieces of %i bytes", async (size) => {
    const frames = await Array.fromAsync(readFrames(pieces(all, size), { url }));
    const text = { stdout: "", stderr: "" };
    for (const { kind, offset, at, data } of frames) {
      expect(at).toBe(5);
      if (kind !== "stdout" && kind !== "stderr") continue;
      // Each part says where it belongs.
      expect(offset).toBe(kind === "stdout" ? text.stdout.length : 12);
      text[kind] += Buffer.from(data).toString();
    }
    expect(text).toEqual({ stdout: "hello, world", stderr: "!" });
    expect(frames.filter(({ data }) => data.length === 0).map(({ kind, offset }) => [kind, offset])).toEqual([
      ["alive", 0],
      ["end", 13],
    ]);
  });

  it("in one piece are handed on as they are, not copied", async () => {
    const [, hello] = await Array.fromAsync(readFrames(pieces(all, 1000), { url }));
    expect(hello?.data.buffer).toBe(all.buffer);
    expect(Buffer.from(hello?.data ?? []).toString()).toBe("hello, world");
  });

  it("of which there are none are no frames", async () => {
    expect(await Array.fromAsync(readFrames(pieces(new Uint8Array(), 1), { url }))).toEqual([]);
  });

  // The first frame is a head alone: 24 bytes. The second ends after 60.
  it.each([1, 23, 25, 47, 48, 49, 59, all.length - 1])(
    "cut off after %i bytes are a cut connection",
    async (length) => {
      const reading = Array.fromAsync(readFrames(pieces(all.subarray(0, length), 5), { url }));
      await expect(reading).rejects.toMatchObject({
        code: "SERVER_UNREACHABLE",
        message: 'Cannot reach the server "http://test": the connection was cut',
      });
    },
  );

  it("with a head that is none are refused", async () => {
    const wrong = Buffer.alloc(24, 9);
    await expect(Array.fromAsync(readFrames(pieces(wrong, 5), { url }))).rejects.toMatchObject({
      code: "RESPONSE_INVALID",
      message: 'Cannot read the answer of "http://test": a frame of the stream has a head that is none',
    });
  });
});
