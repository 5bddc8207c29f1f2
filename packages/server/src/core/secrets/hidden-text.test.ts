import { inspect } from "node:util";
import { expect, it } from "vitest";
import { HiddenText } from "./hidden-text.ts";

it("is shown by nothing but to whoever asks for it", () => {
  const text = new HiddenText("hunter2");
  const shown = [
    String(text),
    JSON.stringify({ text }),
    inspect(text),
    inspect({ text }, { showHidden: true }),
  ];
  expect(shown.join("\n")).not.toContain("hunter2");
  expect([String(text), JSON.stringify(text), inspect(text)]).toEqual(["[secret]", '"[secret]"', "[secret]"]);
  expect(text.reveal()).toBe("hunter2");
});
