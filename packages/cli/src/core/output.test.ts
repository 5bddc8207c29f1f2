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
