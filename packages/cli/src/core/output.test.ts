import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { BrokenPipe, Output, WriteFailed } from "./output.ts";

it("writes no faster than it is read", async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const output = new Output(stream);
  let written = false;
  const writing = output.write("more than four").then(() => (written = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBe(false);
  stream.resume();
  await writing;
});

it("begins a line of its own below what either stream of a terminal stopped in", async () => {
  const screen = { isMidLine: false };
  const terminal = (): PassThrough & { isTTY: true } =>
    Object.assign(new PassThrough(), { isTTY: true as const });
  const [stdout, stderr] = [terminal(), terminal()];
  const [out, err] = [new Output(stdout, screen), new Output(stderr, screen)];
  await out.write(Buffer.from("42"));
  await err.remark("first");
  await err.remark("second");
  await out.write("done\n");
  await err.write("\r\u{1b}[K3 MiB");
  await err.write("\r\u{1b}[K");
  await err.remark("third");
  expect(String(stderr.read())).toBe("\nfirst\nsecond\n\r\u{1b}[K3 MiB\r\u{1b}[Kthird\n");
  const piped = new PassThrough();
  const plain = new Output(piped);
  await plain.write("42");
  await plain.remark("as it is");
  expect(String(piped.read())).toBe("42as it is\n");
});

it("stops waiting when nobody reads any more, and writes nothing after", async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const output = new Output(stream);
  const writing = output.write("more than four");
  stream.emit("error", Object.assign(new Error("EPIPE"), { code: "EPIPE" }));
  await expect(writing).rejects.toBeInstanceOf(BrokenPipe);
  await expect(output.write("again")).rejects.toBeInstanceOf(BrokenPipe);
});

it("tells a full disk from a reader who has left", async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const output = new Output(stream);
  const writing = output.write("more than four");
  stream.emit("error", Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }));
  await expect(writing).rejects.toBeInstanceOf(WriteFailed);
});
