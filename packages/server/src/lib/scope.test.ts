import { describe, expect, it } from "vitest";
import { Scope } from "./scope.ts";

describe("Scope", () => {
  it("closes what was opened in reverse, whatever kind of closer it is", async () => {
    const closed: string[] = [];
    {
      await using scope = new Scope();
      scope.use({ [Symbol.dispose]: () => void closed.push("first") });
      scope.defer(() => closed.push("second"));
      scope.use({
        async [Symbol.asyncDispose]() {
          await Promise.resolve();
          closed.push("third");
        },
      });
    }
    expect(closed).toEqual(["third", "second", "first"]);
  });

  it("closes the rest when one closer fails, and reports the failure", async () => {
    const scope = new Scope();
    let closed = false;
    const failure = new Error("stuck");
    scope.defer(() => (closed = true));
    scope.defer(() => Promise.reject(failure));
    await expect(scope[Symbol.asyncDispose]()).rejects.toBe(failure);
    expect(closed).toBe(true);
  });

  it("reports several failures together", async () => {
    const scope = new Scope();
    scope.defer(() => Promise.reject(new Error("one")));
    scope.defer(() => Promise.reject(new Error("two")));
    await expect(scope[Symbol.asyncDispose]()).rejects.toMatchObject({
      message: "Cannot close every resource",
      errors: [{ message: "two" }, { message: "one" }],
    });
  });

  it("closes everything once only", async () => {
    const scope = new Scope();
    let times = 0;
    scope.defer(() => (times += 1));
    await scope[Symbol.asyncDispose]();
    await scope[Symbol.asyncDispose]();
    expect(times).toBe(1);
  });

  it("leaves what was moved out to the new scope", async () => {
    const scope = new Scope();
    let closed = false;
    scope.defer(() => (closed = true));
    const moved = scope.move();
    await scope[Symbol.asyncDispose]();
    expect(closed).toBe(false);
    await moved[Symbol.asyncDispose]();
    expect(closed).toBe(true);
  });
});
