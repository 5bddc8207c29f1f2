import { expect, it } from "vitest";
import type { Account } from "../../store/account-store.ts";
import { localProvider } from "./local.ts";

const ann: Account = {
  id: "a1",
  name: "Ann",
  key: "ann",
  display: "Ann Lee",
  createdAt: 1,
  deletedAt: null,
  passwordAt: 1,
  mustChange: false,
};

function open({
  deletedAt = null,
  hash = "right",
}: {
  deletedAt?: number | null;
  hash?: string | null;
} = {}) {
  const checked: (string | null)[] = [];
  const provider = localProvider({
    accounts: {
      findPassword: async (key) => (key === "ann" ? { account: { ...ann, deletedAt }, hash } : null),
    },
    passwords: {
      check: async (password, { stored }) => {
        checked.push(stored);
        return stored !== null && password === stored;
      },
    },
  });
  const verify = (name: string, password: string) =>
    provider.verify({ name, password, address: null }, new AbortController().signal);
  return { verify, checked };
}

it("knows an account by its password, however its name is written", async () => {
  const { verify } = open();
  const proven = {
    subject: "a1",
    name: "Ann",
    display: "Ann Lee",
    groups: null,
  };
  expect(await verify("ANN", "right")).toMatchObject(proven);
  expect(await verify("ａnn", "right")).toMatchObject(proven);
  expect(await verify("ann", "wrong")).toBe(null);
});

it.each([
  ["nobody", {}],
  ["ann", { deletedAt: 5 }],
  ["ann", { hash: null }],
])("checks once for %s of %j too, against nothing", async (name, state) => {
  const { verify, checked } = open(state);
  expect(await verify(name, "right")).toBe(null);
  expect(checked).toEqual([null]);
});
