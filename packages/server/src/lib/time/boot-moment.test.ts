import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { bootMoment, msBetween } from "./boot-moment.ts";

it("can be compared with a moment of another process", () => {
  const before = bootMoment();
  const code = `import { bootMoment } from "${import.meta.resolve("./boot-moment.ts")}"; console.log(JSON.stringify(bootMoment()))`;
  const args = ["--conditions=berth-source", "--input-type=module", "-e", code];
  const other = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as typeof before;
  const after = bootMoment();
  expect(msBetween(before, other)).toBeGreaterThanOrEqual(0);
  expect(msBetween(other, after)).toBeGreaterThanOrEqual(0);
});

it("cannot be compared with one before the host was restarted, or with none", () => {
  const now = bootMoment();
  expect(msBetween({ boot: "another", ms: 0 }, now)).toBeNull();
  expect(msBetween(null, now)).toBeNull();
});
