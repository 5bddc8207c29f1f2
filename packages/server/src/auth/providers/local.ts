import { foldName } from "../../core/access/fold-name.ts";
import type { AccountStore } from "../../store/account-store.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Provider } from "./provider.ts";

/** The accounts that have a password here. */
export function localProvider({
  accounts,
  passwords,
}: {
  accounts: Pick<AccountStore, "findPassword">;
  passwords: Pick<Passwords, "check">;
}): Provider {
  return {
    name: "local",
    async verify({ name, password, address }) {
      const found = await accounts.findPassword(foldName(name));
      const stored = found?.account.deletedAt === null ? found.hash : null;
      const isRight = await passwords.check(password, { stored, who: address ?? "" });
      if (!isRight || found === null || stored === null) return null;
      const { id: subject, name: known, display } = found.account;
      return { subject, name: known, display, groups: null, password: stored };
    },
  };
}
