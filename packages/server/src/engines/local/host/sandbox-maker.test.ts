import { describe, expect, it } from "vitest";
import { DEFAULT_RUNTIME } from "../local-engine-options.ts";
import { runtimeKindOf } from "./runtime-kind.ts";
import { makerNow, sandboxMakerOf } from "./sandbox-maker.ts";

const usual = { sandboxMaker: "berth", runtime: DEFAULT_RUNTIME } as const;
const kind = runtimeKindOf(DEFAULT_RUNTIME);

describe("who makes sandboxes", () => {
  it("is Berth, on a kernel that has the calls", () => {
    const chosen = sandboxMakerOf(usual, { kind, kernel: "5.12.0" });
    expect(chosen.maker).toBe("berth");
    expect(makerNow(chosen, { hasFilter: true })).toBe(chosen);
  });

  it.each([
    ["it is set so", { ...usual, sandboxMaker: "runtime" } as const, "6.1.0", /BERTH_SANDBOX_MAKER/],
    ["another one is named", { ...usual, runtime: "/opt/own/crun" }, "6.1.0", /BERTH_RUNTIME/],
    ["the kernel is older", usual, "5.11.22-generic", /older than 5\.12/],
  ])("is the runtime where %s, and that is told", (_, settings, kernel, why) => {
    const chosen = sandboxMakerOf(settings, { kind, kernel });
    expect(chosen).toEqual({ maker: "runtime", why: expect.stringMatching(why) as string });
    expect(makerNow(chosen, { hasFilter: false })).toBe(chosen);
  });

  it("is the runtime for as long as it has not told the list of system calls", () => {
    const now = makerNow(sandboxMakerOf(usual, { kind, kernel: "6.1.0" }), { hasFilter: false });
    expect(now).toEqual({
      maker: "runtime",
      why: expect.stringContaining("the list of system calls") as string,
    });
  });
});
