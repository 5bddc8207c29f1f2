import type { Store } from "../../store/store.ts";
import type { Locks } from "../locks.ts";
import { Passwords } from "../passwords/passwords.ts";
import { localProvider } from "../providers/local.ts";
import type { Provider } from "../providers/provider.ts";
import { Accounts } from "./accounts.ts";
import { Groups } from "./groups.ts";
import { ShownSessions } from "./shown-sessions.ts";
import { type SessionLife, SignIn } from "./sign-in.ts";
import { Throttle } from "./throttle.ts";

export interface OpenLoginOptions {
  store: Pick<Store, "accounts" | "groups" | "sessions" | "audited">;
  locks: Pick<Locks, "check">;
  now: () => number;
  life: SessionLife;
  /** Beside `local`, in the order in which they are shown. */
  providers?: readonly Provider[];
}

export interface OpenLogin extends AsyncDisposable {
  accounts: Accounts;
  groups: Groups;
  sessions: ShownSessions;
  signIn: SignIn;
  passwords: Passwords;
}

/** Puts together by what people come in who have an account. */
export async function openLogin({
  store,
  locks,
  now,
  life,
  providers: others = [],
}: OpenLoginOptions): Promise<OpenLogin> {
  const accounts = new Accounts(await store.accounts.list());
  const groups = new Groups(await store.groups.memberships());
  const sessions = new ShownSessions({ sessions: store.sessions, now, idleMs: life.idleMs });
  const passwords = new Passwords();
  const local = localProvider({ accounts: store.accounts, passwords });
  const providers = new Map([local, ...others].map((provider) => [provider.name, provider]));
  const signIn = new SignIn({
    providers,
    accounts,
    groups,
    store,
    locks,
    throttle: new Throttle({ now }),
    forget: (session) => sessions.forget(session),
    now,
    sessions: life,
  });
  return {
    accounts,
    groups,
    sessions,
    signIn,
    passwords,
    [Symbol.asyncDispose]: () => passwords[Symbol.asyncDispose](),
  };
}
