import { operations } from "@berth/protocol";
import { expect, it } from "vitest";
import { turnsWhile } from "../../../../test/support/turns-while.ts";
import { openApiDocument } from "./document.ts";

it("is made while others have their turn, after each operation", async () => {
  const { turns } = await turnsWhile(() => openApiDocument("1.2.3"));
  expect(turns).toBeGreaterThanOrEqual(Object.keys(operations).length - 1);
});
