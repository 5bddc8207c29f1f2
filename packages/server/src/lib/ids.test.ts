import { describe, expect, it } from "vitest";
import { createIdSource, isId, newId, timeOfId } from "./ids.ts";

describe("newId", () => {
  it("makes ids in growing order within one millisecond and when the clock steps back", () => {
    let now = 1_700_000_000_000;
    const next = createIdSource(() => now);
    let last = "";
    for (let i = 0; i < 10_000; i += 1) {
      if (i === 5000) now -= 60_000;
      const id = next();
      expect(id > last).toBe(true);
      last = id;
    }
  });

  it("carries the time at which it was made", () => {
    const before = Date.now();
    const at = timeOfId(newId());
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  it("is a UUID of version 7 with the variant of RFC 9562", () => {
    const ids = Array.from({ length: 1000 }, () => newId());
    expect(
      ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toBe(true);
    expect(new Set(ids).size).toBe(1000);
    // The last 42 bits are random, so that two processes do not meet.
    expect(new Set(ids.map((id) => id.slice(-10))).size).toBe(1000);
  });
});

describe("isId", () => {
  it.each([
    ["another version", "01a1fbb1-8787-46ef-bb91-bdefba010b55"],
    ["upper case", "01A1FBB1-8787-76EF-BB91-BDEFBA010B55"],
    ["a path", "../../../etc/passwd"],
    ["a line end after it", "01a1fbb1-8787-76ef-bb91-bdefba010b55\n"],
    ["a part before it", "x01a1fbb1-8787-76ef-bb91-bdefba010b55"],
    ["nothing", ""],
  ])("refuses %s", (_title, text) => {
    expect(isId(text)).toBe(false);
    expect(timeOfId(text)).toBeNull();
  });
});
