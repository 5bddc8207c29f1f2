import { expect, it } from "vitest";
import { takeSpent } from "../../lib/on-loop.ts";
import { KeptSpec } from "./kept-spec.ts";

it("gives back what it was made of, and the text of it", () => {
  const kept = KeptSpec.stored(KeptSpec.of({ command: "a", args: ["€"] }).json);
  expect(kept.view).toEqual({ command: "a", args: ["€"] });
  expect(kept.json).toBe('{"command":"a","args":["€"]}');
});

it("is read when somebody wants to know, once", () => {
  takeSpent();
  const kept = KeptSpec.stored('{"command":"a","args":[]}');
  expect([...takeSpent().keys()]).toEqual([]);
  expect(kept.view).toBe(kept.view);
  expect([...takeSpent().keys()]).toEqual(["job: read its spec"]);
});
