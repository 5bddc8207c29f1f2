import { describe, expect, it } from "vitest";
import { isId } from "../../../lib/ids.ts";
import { deliveriesOf } from "./deliveries-of.ts";
import { behindOwner, laneOf, readLane } from "./delivery.ts";

const one = { url: "https://hooks.example:8443/a?token=x", secret: "signing" };
const job = { id: "j1", owner: "ann" };

describe("who is told of the end of a job", () => {
  it("is whoever asked for that end, or for any", () => {
    const callbacks = [
      one,
      { ...one, on: ["failed", "lost"] as const },
      { ...one, on: ["succeeded"] as const },
    ];
    const toldOf = (state: "failed" | "succeeded" | "canceled") =>
      deliveriesOf({ ...job, callbacks: callbacks as never }, { state, at: 1 }).length;
    expect([toldOf("failed"), toldOf("succeeded"), toldOf("canceled")]).toEqual([2, 2, 1]);
  });

  it("is nobody where nobody asked", () => {
    expect(deliveriesOf({ ...job, callbacks: null }, { state: "failed", at: 1 })).toEqual([]);
  });

  it("is told once each, by an id of its own, in the lane of the owner and the receiver", () => {
    const told = deliveriesOf({ ...job, callbacks: [one, one] }, { state: "failed", at: 7 });
    const lane = laneOf({ owner: "ann", url: one.url });
    const expected = { jobId: "j1", lane, url: one.url, secret: "signing", createdAt: 7 };
    expect(told).toMatchObject([expected, expected]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
    expect(told.every(({ id }) => isId(id))).toBe(true);
  });
});

describe("a lane", () => {
  it("is that of an owner and of what an address leads to, whatever is behind it", () => {
    const lane = laneOf({ owner: 'ann "a", b', url: one.url });
    expect(readLane(lane)).toEqual({ owner: 'ann "a", b', origin: "https://hooks.example:8443" });
    expect(laneOf({ owner: 'ann "a", b', url: "https://hooks.example:8443/b" })).toBe(lane);
    expect(laneOf({ owner: 'ann "a", b', url: "https://hooks.example/a" })).not.toBe(lane);
  });

  it("lies before what is behind its owner, and those of the next owner after that", () => {
    const of = (owner: string, url = one.url) => laneOf({ owner, url });
    const bytes = (text: string) => Buffer.from(text);
    const behind = bytes(behindOwner(of("ann")));
    for (const url of [one.url, "http://z.example", "https://\u00fc.example"])
      expect(Buffer.compare(bytes(of("ann", url)), behind)).toBe(-1);
    expect(Buffer.compare(behind, bytes(of("anna")))).toBe(-1);
    expect(Buffer.compare(behind, bytes(of("bob")))).toBe(-1);
  });
});
