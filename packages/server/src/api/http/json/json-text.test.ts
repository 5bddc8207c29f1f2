import { expect, it } from "vitest";
import { JsonText } from "./json-text.ts";

it("is its parts, in order, as a text or as bytes", () => {
  const long = "€".repeat(70_000);
  expect(new JsonText('{"a":', "1", "}").body()).toBe('{"a":1}');
  const parts = ['["', long, '"', ",", '"', "x".repeat(70_000), long, '"', "]"];
  const body = new JsonText(...parts).body();
  expect(body).toBeInstanceOf(Buffer);
  expect(body.toString() === parts.join("")).toBe(true);
});
