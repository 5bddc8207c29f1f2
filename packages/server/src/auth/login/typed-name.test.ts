import { expect, it } from "vitest";
import { readTypedName } from "./typed-name.ts";

it.each([" ann", "ann ", "\tann\n", "\u{a0}ann"])("takes %j for ann", (typed) => {
  expect(readTypedName(typed)).toBe("ann");
});

it("takes a name of several words with any spaces between them for one with single ones", () => {
  expect(readTypedName("Ann  von\u{a0}Berg")).toBe("Ann von Berg");
});

it.each(["", "  ", "\u{200b}", "\u{200b}ann", "an\u{ad}n", "ann\0", "\u{fdfa}".repeat(64)])(
  "takes %j for nobody's",
  (typed) => {
    expect(readTypedName(typed)).toBeNull();
  },
);
