import { expect, it } from "vitest";
import { lineOf } from "./progress-line.ts";

const MiB = 2 ** 20;

it.each([
  [{ bytes: 0, size: 0 }, 80, 0, "Sending [##############################] 100 % of 0 B"],
  [{ bytes: 0, size: 64 * MiB }, 80, 0, "Sending [..............................] 0 % of 64 MiB"],
  [
    { bytes: 32 * MiB, size: 64 * MiB },
    100,
    2000,
    "Sending [###############...............] 50 % of 64 MiB, 16 MiB/s, 2s left",
  ],
  [
    { bytes: 32 * MiB, size: 64 * MiB },
    60,
    2000,
    "Sending [#######........] 50 % of 64 MiB, 16 MiB/s, 2s left",
  ],
  [{ bytes: 32 * MiB, size: 64 * MiB }, 40, 2000, "Sending 50 % of 64 MiB"],
  [{ bytes: 32 * MiB, size: 64 * MiB }, 12, 2000, "Sending 50 "],
])("says how far %j is, in %i columns", (progress, columns, ms, line) => {
  const shown = lineOf({ verb: "Sending", ...progress }, { columns, ms, since: 0 });
  expect(shown.length).toBeLessThan(columns);
  expect(shown).toBe(line);
});
