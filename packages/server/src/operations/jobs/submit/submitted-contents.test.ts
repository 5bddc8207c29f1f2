import { hash } from "node:crypto";
import type { JobSpec } from "@berth/protocol";
import { expect, it } from "vitest";
import { canonicalJson } from "../../../core/input/canonical-json.ts";
import { inputsOf, requestHashOf } from "./submitted-contents.ts";

it.each([1, 100_000])("makes one hash of arguments, however long they are: %i letters", async (letters) => {
  const spec: JobSpec = { env: { B: "1", A: "2" }, command: "true", args: ["\u0001".repeat(letters), ""] };
  expect(await requestHashOf(spec, await inputsOf(spec))).toBe(hash("sha256", canonicalJson(spec)));
});
