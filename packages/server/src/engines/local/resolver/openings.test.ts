import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../lib/manual-clock.ts";
import { Openings } from "./openings.ts";

interface Asked {
  addresses: readonly string[];
  ms: number;
  done: PromiseWithResolvers<void>;
}

function open(most?: number) {
  const clock = createManualClock();
  const asked: Asked[] = [];
  const opener = {
    open(_link: string, addresses: readonly string[], ms: number): Promise<void> {
      const done = Promise.withResolvers<void>();
      asked.push({ addresses, ms, done });
      return done.promise;
    },
  };
  const openings = new Openings("b7-1", { opener, clock, ...(most !== undefined && { most }) });
  return { clock, asked, openings };
}
const minute = { leastMs: 60_000, ms: 90_000 };

describe("what is open for a job", () => {
  it("is told only once packets pass, also to who asks for the same meanwhile", async () => {
    const { asked, openings } = open();
    const told: string[] = [];
    const first = openings.open(["1.1.1.1"], minute).then(() => told.push("first"));
    const second = openings.open(["1.1.1.1"], minute).then(() => told.push("second"));
    await new Promise(setImmediate);
    expect(told).toEqual([]);
    expect(asked.map(({ addresses, ms }) => ({ addresses, ms }))).toEqual([
      { addresses: ["1.1.1.1"], ms: 90_000 },
    ]);
    asked[0]?.done.resolve();
    await Promise.all([first, second]);
    expect(told).toEqual(["first", "second"]);
  });

  it("is opened again where it would be shut too soon, and only then", async () => {
    const { clock, asked, openings } = open();
    const ask = async (): Promise<void> => {
      const opened = openings.open(["1.1.1.1"], minute);
      asked.at(-1)?.done.resolve();
      expect(await opened).toEqual(["1.1.1.1"]);
    };
    await ask();
    clock.advance(30_000);
    await ask();
    expect(asked).toHaveLength(1);
    clock.advance(1);
    await ask();
    expect(asked).toHaveLength(2);
  });

  it("is no more than it may have, until some of it is shut again", async () => {
    const { clock, asked, openings } = open(3);
    const ask = async (...addresses: string[]): Promise<string[]> => {
      const opened = openings.open(addresses, minute);
      asked.at(-1)?.done.resolve();
      return await opened;
    };
    expect(await ask("1.1.1.1", "1.1.1.2")).toEqual(["1.1.1.1", "1.1.1.2"]);
    expect(await ask("1.1.1.2", "1.1.1.3", "1.1.1.4")).toEqual(["1.1.1.2", "1.1.1.3"]);
    expect(await ask("1.1.1.4")).toEqual([]);
    expect(openings.size).toBe(3);
    clock.advance(90_001);
    expect(await ask("1.1.1.4", "1.1.1.2", "1.1.1.5")).toEqual(["1.1.1.4", "1.1.1.2", "1.1.1.5"]);
    expect(openings.size).toBe(3);
  });

  it("is not what could not be opened: that fails, and is tried again", async () => {
    const { asked, openings } = open();
    const failing = openings.open(["1.1.1.1"], minute);
    asked[0]?.done.reject(new Error("the table is gone"));
    await expect(failing).rejects.toThrow("the table is gone");
    const again = openings.open(["1.1.1.1"], minute);
    asked[1]?.done.resolve();
    expect(await again).toEqual(["1.1.1.1"]);
  });

  it("is opened anew for who asks again when all of it was shut", async () => {
    const { asked, openings } = open();
    const first = openings.open(["1.1.1.1"], minute);
    asked[0]?.done.resolve();
    await first;
    openings.forget();
    const again = openings.open(["1.1.1.1"], minute);
    asked[1]?.done.resolve();
    expect(await again).toEqual(["1.1.1.1"]);
    expect(asked).toHaveLength(2);
  });
});
