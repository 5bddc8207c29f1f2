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

it.each(["text", "bytes"])("tells what it mentions before and after it is read, as %s", (form) => {
  const json = '{"command":"\u20ac","args":[]}';
  const kept = KeptSpec.stored(form === "text" ? json : new TextEncoder().encode(`x${json}`).subarray(1));
  expect([kept.isRead, kept.mentions("args"), kept.mentions("files")]).toEqual([false, true, false]);
  expect(kept.size).toBe(form === "text" ? json.length : Buffer.byteLength(json));
  expect(kept.view).toEqual({ command: "\u20ac", args: [] });
  expect([kept.isRead, kept.mentions("args"), kept.mentions("files")]).toEqual([true, true, false]);
});

it("is not written out or read a second time by whoever has both", () => {
  const view = { command: "a", args: [] };
  takeSpent();
  expect(KeptSpec.stored("{}", view).view).toBe(view);
  const kept = KeptSpec.of(view);
  expect([kept.view === view, kept.isRead]).toEqual([true, true]);
  expect([...takeSpent().keys()]).toEqual(["job: write its spec"]);
});
