import { expect, it } from "vitest";
import { type Measured, watchDisk } from "./disk-watch.ts";

const full: Measured = { bytes: 11, largestBytes: 11, removedBytes: 0, files: 1 };
const limit = { bytes: 10, files: null };

it("tries again to end a job that is over its limit, where it could not be ended", async () => {
  const told = Promise.withResolvers<void>();
  let attempts = 0;
  const stop = watchDisk({
    limit,
    measure: () => Promise.resolve(full),
    onExceeded: () => {
      attempts += 1;
      if (attempts === 1) throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
      told.resolve();
    },
    everyMs: 1,
  });
  await told.promise;
  stop();
  expect(attempts).toBe(2);
});

it("goes on where nobody can say now what the folder holds, and tells once", async () => {
  const told = Promise.withResolvers<Measured>();
  const answers = [
    () => Promise.reject(new Error("the spawner is gone")),
    () => Promise.resolve(null),
    () => Promise.resolve({ ...full, bytes: 10 }),
    () => Promise.resolve(full),
  ];
  const stop = watchDisk({
    limit,
    measure: () => (answers.shift() ?? (() => Promise.resolve(null)))(),
    onExceeded: told.resolve,
    everyMs: 1,
  });
  expect(await told.promise).toEqual(full);
  stop();
  expect(answers).toEqual([]);
});
