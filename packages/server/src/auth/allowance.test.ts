import { isBerthError } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import type { Principal } from "../core/caller/principal.ts";
import { builtInAccess } from "../../test/support/built-in-access.ts";
import { Allowance } from "./allowance.ts";

const ann: Principal = { name: "ann", roles: ["developer"] };
const bob: Principal = { name: "bob", roles: ["developer"] };
const root: Principal = { name: "root", roles: ["admin"] };

const small = (): Allowance =>
  new Allowance({
    most: { connections: 10, streams: 10, calls: 10 },
    share: 0.5,
    isKeeper: builtInAccess.isKeeper,
  });

function refusal(allowance: Allowance, principal: Principal, good: "streams" | "calls" = "streams"): string {
  try {
    allowance.take(good, principal);
  } catch (error) {
    return isBerthError(error) ? `${error.code} ${error.message}` : String(error);
  }
  return "none";
}

function fill(allowance: Allowance, principal: Principal, count: number): (() => void)[] {
  return Array.from({ length: count }, () => allowance.take("streams", principal));
}

describe("what may be held open", () => {
  it("is a share for each principal, which names the bound, and comes free with what is given back", () => {
    const allowance = small();
    const [first] = fill(allowance, ann, 5);
    expect(refusal(allowance, ann)).toBe(
      'TOO_MANY_OPEN Cannot open another of streams: "ann" has 5 streams open, the most of one principal ' +
        "(BERTH_MAX_STREAMS and BERTH_PRINCIPAL_SHARE)",
    );
    expect(refusal(allowance, ann, "calls")).toBe("none");
    first?.();
    first?.();
    expect([refusal(allowance, ann), refusal(allowance, ann).slice(0, 13)]).toEqual([
      "none",
      "TOO_MANY_OPEN",
    ]);
  });

  it("keeps a reserve for administrators, whose calls have no bound of their own", () => {
    const allowance = small();
    fill(allowance, ann, 5);
    fill(allowance, bob, 4);
    expect(refusal(allowance, bob)).toContain("9 streams are open, the most of all together");
    expect(refusal(allowance, root)).toBe("none");
    expect(refusal(allowance, root)).toContain("10 streams are open");
    for (let call = 0; call < 9; call += 1) expect(refusal(allowance, root, "calls")).toBe("none");
  });

  it("tells a user from an administrator of the same name", () => {
    const allowance = small();
    fill(allowance, { name: "root", roles: ["developer"] }, 5);
    expect(refusal(allowance, root)).toBe("none");
  });

  it("is forgotten when nobody holds anything any more", () => {
    const allowance = small();
    for (const giveBack of fill(allowance, ann, 3)) giveBack();
    expect(allowance.held("streams")).toBe(0);
  });

  it("is bounded for everybody where nobody says otherwise, and nobody has a reserve then", () => {
    const allowance = new Allowance();
    fill(allowance, ann, 256);
    expect(refusal(allowance, ann)).toContain('"ann" has 256 streams open');
    expect(() => {
      for (let call = 0; call < 1025; call += 1) allowance.take("calls", root);
    }).toThrow(/"root" has 1024 calls open, .*\(BERTH_MAX_CALLS and BERTH_PRINCIPAL_SHARE\)/);
    expect(() => {
      for (let one = 0; one < 1025; one += 1) allowance.take("connections", bob);
    }).toThrow(/"bob" has 1024 connections open, .*\(BERTH_MAX_CONNECTIONS and/);
  });

  it("bounds an administrator's streams like anybody's, and the calls of others too", () => {
    const allowance = small();
    fill(allowance, root, 5);
    expect(refusal(allowance, root)).toContain('"root" has 5 streams open');
    for (let call = 0; call < 5; call += 1) expect(refusal(allowance, ann, "calls")).toBe("none");
    expect(refusal(allowance, ann, "calls")).toContain('"ann" has 5 calls open');
  });
});
