import { describe, expect, it } from "vitest";
import { judgeSecondTries, secondTriesAllowed } from "./second-tries.ts";

const late = { file: "e2e/late.test.ts", title: "a job > ends", fault: "expected 3 to be 2\nand more" };

describe("a test that passed at its second try", () => {
  it("is told with what went wrong at its first", () => {
    expect(judgeSecondTries([late], 2)).toEqual({
      lines: ['SECOND TRY: e2e/late.test.ts: "a job > ends" failed at first: expected 3 to be 2'],
      areTooMany: false,
    });
  });

  it("is one too many where more needed one than may", () => {
    const { lines, areTooMany } = judgeSecondTries([late, late, late], 2);
    expect(areTooMany).toBe(true);
    expect(lines.at(-1)).toMatch(/^FAILED: 3 tests needed a second try, and 2 may/);
  });

  it("may not be where nobody said so", () => {
    expect(secondTriesAllowed({})).toBe(0);
    expect(judgeSecondTries([late], 0).areTooMany).toBe(true);
    expect(judgeSecondTries([], 0)).toEqual({ lines: [], areTooMany: false });
  });
});
