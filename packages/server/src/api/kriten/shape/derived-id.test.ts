import { expect, it } from "vitest";
import { derivedId, isDerivedId } from "./derived-id.ts";

it("makes one UUID of version 5 of one name, and another of the same name of another kind", () => {
  // Clients keep them: these two change with no version.
  expect(derivedId("group", "netops")).toBe("cd9f0367-77d8-57b1-a7c8-31be3f5aa1bb");
  expect(derivedId("role", "netops")).toBe("32bd2b17-3db1-5976-9ecf-5679b798f131");
  expect(isDerivedId(derivedId("user", "ä"))).toBe(true);
});

it("takes neither a name nor an id of another version for one", () => {
  for (const text of ["netops", "", "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7", `${derivedId("role", "x")}x`])
    expect(isDerivedId(text)).toBe(false);
});
