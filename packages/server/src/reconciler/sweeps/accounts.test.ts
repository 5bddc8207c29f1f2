import { expect, it } from "vitest";
import { Accounts } from "./accounts.ts";

it("gives the oldest job of whoever holds most by then, until nobody holds more than an equal share", () => {
  const accounts = new Accounts<string>();
  for (const [job, owner, bytes] of [
    ["small-1", "small", 5],
    ["middle-1", "middle", 30],
    ["middle-2", "middle", 30],
    ["large-1", "large", 40],
    ["large-2", "large", 60],
  ] as const)
    accounts.addFinished(job, { owner, bytes });
  const gone: (string | null)[] = [];
  while (accounts.total > 60 && gone.at(-1) !== null) gone.push(accounts.takeNext(60));
  expect(gone).toEqual(["large-1", "middle-1", "large-2"]);
  expect(accounts.total).toBe(35);
});
