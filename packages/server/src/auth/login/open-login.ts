import type { Audit } from "../../audit/audit.ts";
import type { Store } from "../../store/store.ts";
import type { Locks } from "../locks.ts";
import { Passwords } from "../passwords/passwords.ts";
import { localProvider } from "../providers/local.ts";
import type { Provider } from "../providers/provider.ts";
import { hashOf } from "../tokens.ts";
import { Accounts } from "./accounts.ts";
import { CookieSessions } from "./cookie-sessions.ts";
import { Groups } from "./groups.ts";
import { ShownSessions } from "./shown-sessions.ts";
import { type SessionLife, SignIn } from "./sign-in.ts";
import { Throttle } from "./throttle.ts";

const HOUR_MS = 3_600_000;
const usual: SessionLife = { idleMs: 12 * HOUR_MS, wholeMs: 168 * HOUR_MS, turnMs: HOUR_MS / 4 };

export interface OpenLoginOptions {
  store: Pick<Store, "accounts" | "groups" | "sessions" | "audited">;
  audit: Pick<Audit, "ofServer">;
  locks: Pick<Locks, "check">;
  now: () => number;
  /** Default: that of the settings' defaults. */
  life?: SessionLife | undefined;
  /** What somebody has beside its account: roles, whatever they are. */
  roles?: { namesOf(name: string, groups: readonly string[]): readonly string[] };
  /** Beside `local`, in the order in which they are shown. */
  providers?: readonly Provider[];
}

export interface OpenLogin extends AsyncDisposable {
  accounts: Accounts;
  groups: Groups;
  sessions: ShownSessions;
  cookies: CookieSessions;
  signIn: SignIn;
  passwords: Passwords;
}

/** Puts together by what people come in who have an account. */
export async function openLogin({
  store,
  audit,
  locks,
  now,
  life = usual,
  roles = { namesOf: () => [] },
  providers: others = [],
}: OpenLoginOptions): Promise<OpenLogin> {
  const accounts = new Accounts(await store.accounts.list());
  const groups = new Groups(await store.groups.memberships());
  const sessions = new ShownSessions({ sessions: store.sessions, now, idleMs: life.idleMs });
  const rightsOf = (name: string): string => {
    const { passwordAt = null, mustChange = false } = accounts.find(name) ?? {};
    const of = groups.of(name);
    return hashOf(JSON.stringify([passwordAt, mustChange, of, roles.namesOf(name, of)]));
  };
  const cookies = new CookieSessions({
    shown: sessions,
    store: store.sessions,
    now,
    turnMs: life.turnMs,
    rightsOf,
    async end({ id, principal }) {
      const about = { user: principal, why: "a replaced text of its cookie was shown: somebody has a copy" };
      const record = audit.ofServer({ verb: "delete", resource: "sessions", name: id, about });
      await store.audited(record).sessions.delete(id);
      sessions.forget(id);
    },
  });
  const passwords = new Passwords();
  const local = localProvider({ accounts: store.accounts, passwords });
  const providers = new Map([local, ...others].map((provider) => [provider.name, provider]));
  const signIn = new SignIn({
    providers,
    accounts,
    groups,
    store,
    audit,
    locks,
    throttle: new Throttle({ now }),
    forget: (session) => sessions.forget(session),
    now,
    sessions: life,
    rightsOf,
  });
  return {
    accounts,
    groups,
    sessions,
    cookies,
    signIn,
    passwords,
    [Symbol.asyncDispose]: () => passwords[Symbol.asyncDispose](),
  };
}
