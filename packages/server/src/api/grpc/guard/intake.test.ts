import { expect, it } from "vitest";
import { Intake } from "./intake.ts";

it("lets in sixteen requests of a principal at once, the next in order as one is done, others at any time", () => {
  const intake = new Intake();
  const begun: string[] = [];
  const leave = Array.from({ length: 18 }, (_, n) => intake.enter("ann", () => begun.push(`ann ${n}`)));
  expect(begun).toHaveLength(16);
  intake.enter("bob", () => begun.push("bob"))();
  expect(begun.at(-1)).toBe("bob");
  leave[3]?.();
  leave[3]?.();
  expect(begun.at(-1)).toBe("ann 16");
  leave[17]?.();
  leave[0]?.();
  expect(begun).not.toContain("ann 17");
  for (const one of leave) one();
  expect(intake.size).toBe(0);
});
