import type { LoggedIn } from "@berth/protocol";
import { expect } from "vitest";
import { hashRandomPassword } from "../../src/auth/passwords/hash-password.ts";
import type { ApiBench } from "./api-bench.ts";

const secret = "correct horse battery staple";

/** What tests of accounts do over a server: make people, log them in, ask as them. */
export function peopleOf(use: () => ApiBench) {
  const make = (body: object) => use().call("POST /api/v1/users", { as: "root", body });
  const logIn = (name: string, password = secret, more: object = {}) =>
    use().call("POST /api/v1/login", { as: null, body: { name, password, ...more } });
  return {
    secret,
    make,
    logIn,
    /** An account whose password needs no change; as if it had been changed, without the work of it. */
    account: async (name: string, password = secret): Promise<void> => {
      const { store, accounts } = use().context;
      await make({ name });
      const id = accounts.find(name)?.id ?? "";
      const hash = hashRandomPassword(password);
      await store.accounts.setPassword({ id, name }, { hash, at: 1, mustChange: false }, { keep: null });
      await accounts.reload(() => store.accounts.list());
    },
    session: async (name: string, password = secret): Promise<LoggedIn> => {
      const answer = await logIn(name, password);
      expect(answer.status).toBe(201);
      return answer.body as LoggedIn;
    },
    by: (token: string, request: string, body?: unknown) =>
      use().call(request, { as: null, headers: { authorization: `Bearer ${token}` }, body }),
    codeOf: (answer: { body: unknown }) => (answer.body as { code?: string } | null)?.code,
  };
}
