import { BerthError } from "@berth/protocol";
import type { Audit } from "../../audit/audit.ts";
import { foldName } from "../../core/access/fold-name.ts";
import { accountNameProblem, principalProblem } from "../../core/access/principal-name.ts";
import { sleep } from "../../lib/clock.ts";
import { newId } from "../../lib/ids.ts";
import type { AuditEntry } from "../../core/audit/record.ts";
import type { Account } from "../../store/account-store.ts";
import type { Session } from "../../store/session-store.ts";
import type { Store } from "../../store/store.ts";
import type { Locks } from "../locks.ts";
import type { Provider, ProvenIdentity, ShownPassword } from "../providers/provider.ts";
import { hashOf } from "../tokens.ts";
import { newSessionText } from "./shown-sessions.ts";
import type { Accounts } from "./accounts.ts";
import type { Groups } from "./groups.ts";
import type { Throttle } from "./throttle.ts";
import { readTypedName } from "./typed-name.ts";

/** Refusals leave at multiples of this after they came: how long the answer took tells nothing. */
const TICK_MS = 250;
/** Of one account, by one provider: each request asks for all of them. */
const MOST_GROUPS = 1000;
/** A directory that has not answered by then will not. */
const PATIENCE_MS = 30_000;
/** A session begins no more than so many beside others of its account: the one that was used least lately ends. */
const MOST_SESSIONS = 50;

export interface SignInOptions {
  providers: ReadonlyMap<string, Provider>;
  accounts: Accounts;
  groups: Groups;
  store: Pick<Store, "accounts" | "groups" | "sessions" | "audited">;
  /** Makes the records of what changes by a login itself. */
  audit: Pick<Audit, "ofServer">;
  locks: Pick<Locks, "check">;
  throttle: Throttle;
  /** Ends what is open by a session that has ended. */
  forget: (session: string) => void;
  now: () => number;
  sessions: SessionLife;
  /** What an account has at the moment, in short. Default: nothing that changes. */
  rightsOf?: (name: string) => string;
  tickMs?: number;
}

/** How a session comes with each request: in a header that a program sends, or in a cookie that a browser keeps. */
export type Carrier = "header" | "cookie";

export interface SessionLife {
  /** Unused for so long it ends. */
  idleMs: number;
  /** However much it is used. */
  wholeMs: number;
  /** In a cookie it gets another text when it had one for so long. */
  turnMs: number;
}

export interface Login {
  provider: string;
  name: string;
  password: string;
  address: string | null;
  /** What the client calls itself. */
  agent: string | null;
  /** Default: a header. */
  carrier?: Carrier;
  /** Makes what is recorded of the session that begins. Default: nothing is. */
  record?: RecordOf;
}

/** What is recorded of a session of this account. */
type RecordOf = (account: string, session: string) => AuditEntry;

export interface SignedIn {
  account: Account;
  session: Session;
  /** What shows the session; kept by nobody here. */
  text: string;
}

/** What a provider says of why it refuses somebody. */
export class RefusedThere extends Error {}

/** Makes sessions for those who prove who they are. */
export class SignIn {
  readonly #options: SignInOptions;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /** By which somebody can log in, in their order. */
  get providers(): string[] {
    return [...this.#options.providers.keys()];
  }

  /** Throws UNAUTHENTICATED, TOO_MANY_ATTEMPTS, IDENTITY_UNAVAILABLE, IDENTITY_NOT_LINKED, FORBIDDEN. */
  async byPassword(login: Login): Promise<SignedIn> {
    const begun = performance.now();
    try {
      return await this.#byPassword(login);
    } catch (error) {
      const { tickMs = TICK_MS } = this.#options;
      if (tickMs > 0) await sleep(tickMs - ((performance.now() - begun) % tickMs));
      throw error;
    }
  }

  /** Checks the password that somebody who is known already has here; returns the hash by which it is stored. Throws UNAUTHENTICATED, TOO_MANY_ATTEMPTS. */
  async checkOwn({ name, password, address }: ShownPassword): Promise<{ was: string | null }> {
    const { providers, throttle } = this.#options;
    const wasRight = throttle.begin(`local ${foldName(name)}`, address);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const proven = (await providers.get("local")?.verify({ name, password, address }, signal)) ?? null;
    if (proven === null) throw wrong();
    wasRight();
    return { was: proven.password ?? null };
  }

  async #byPassword({
    provider: named,
    password,
    address,
    agent,
    carrier,
    record,
    ...typed
  }: Login): Promise<SignedIn> {
    const { providers, throttle } = this.#options;
    const name = readTypedName(typed.name);
    const provider = providers.get(named);
    const wasRight = throttle.begin(`${named} ${name === null ? "" : foldName(name)}`, address);
    if (provider === undefined) throw unknownProvider(named, this.providers);
    // Some directories let anybody in who shows an empty password.
    if (password === "" || name === null) throw wrong();
    const signal = AbortSignal.timeout(PATIENCE_MS);
    let why: string | null = null;
    const proven = await provider.verify({ name, password, address }, signal, (told) => (why = told));
    if (proven === null) throw wrong(why);
    wasRight();
    const account = await this.accountOf(named, proven);
    const begun = { provider: named, address, agent, carrier, record, password: proven.password };
    return { account, ...(await this.begin(account, begun)) };
  }

  /** The account of whoever has proven this at a provider; made where there is none of the name. */
  async accountOf(provider: string, proven: ProvenIdentity): Promise<Account> {
    const { accounts, locks } = this.#options;
    const known = accounts.find(proven.name);
    const account = provider === "local" ? known : await this.#linked(provider, proven);
    if (account === null || account.deletedAt !== null) throw wrong();
    // The keeper's own lock does not hold.
    locks.check({ name: account.name, roles: account.name === "admin" ? ["admin"] : ["self"] });
    if (proven.groups !== null) await this.noteGroups(account, { provider, groups: proven.groups });
    return account;
  }

  /** What a provider says somebody is in, all of it: what it does not say any more is over. */
  async noteGroups(
    { name }: Account,
    { provider, groups: said }: { provider: string; groups: readonly string[] },
  ): Promise<void> {
    const { store, groups, audit } = this.#options;
    const keys = [...new Set(said.map(foldName))].filter((key) => principalProblem(key) === null).toSorted();
    const most = keys.slice(0, MOST_GROUPS);
    const before = groups.membershipsOf(name).filter(({ source }) => source === provider);
    if (before.map(({ group }) => group).join("\n") === most.join("\n")) return;
    const changes = [{ field: "groups", before: before.map(({ group }) => group), after: most }];
    const what = { verb: "update", resource: "users", name, about: { provider }, changes };
    await store.audited(audit.ofServer(what)).groups.replace(name, provider, most);
    await groups.reload(() => store.groups.memberships());
  }

  /**
   * A session of an account, which is not asked any more whether it may have one. Throws UNAUTHENTICATED where it was deleted
   * meanwhile, or its password is not any more the one of this hash.
   */
  async begin(
    { id, name }: Account,
    {
      provider,
      address,
      agent,
      carrier = "header",
      record,
      password = null,
    }: Pick<Login, "provider" | "address" | "agent"> & {
      carrier?: Carrier | undefined;
      record?: RecordOf | undefined;
      password?: string | null | undefined;
    },
  ): Promise<Pick<SignedIn, "session" | "text">> {
    const { store, now, sessions: life, rightsOf = () => "" } = this.#options;
    await this.#makeRoom(name);
    const text = newSessionText(carrier);
    const createdAt = now();
    const session: Session = {
      id: newId(),
      hash: hashOf(text),
      principal: name,
      provider,
      createdAt,
      usedAt: createdAt,
      expiresAt: createdAt + life.wholeMs,
      address,
      agent,
      turn: carrier === "header" ? null : { at: createdAt, rights: rightsOf(name), before: null },
    };
    const sessions = record === undefined ? store.sessions : store.audited(record(name, session.id)).sessions;
    const usedBefore = createdAt - life.idleMs;
    if (!(await sessions.insert(session, { usedBefore, of: { id, password } }))) throw wrong();
    return { session, text };
  }

  async #makeRoom(principal: string): Promise<void> {
    const { store, forget, audit } = this.#options;
    const { items } = await store.sessions.list({ principal, limit: MOST_SESSIONS, cursor: null });
    if (items.length < MOST_SESSIONS) return;
    const [oldest] = items.toSorted((one, other) => one.usedAt - other.usedAt);
    if (oldest === undefined) return;
    const about = { user: principal, why: "more sessions" };
    const record = audit.ofServer({ verb: "delete", resource: "sessions", name: oldest.id, about });
    await store.audited(record).sessions.delete(oldest.id);
    forget(oldest.id);
  }

  async #linked(provider: string, { subject, name, display }: ProvenIdentity): Promise<Account> {
    const { store, accounts, audit, now } = this.#options;
    const identity = { provider, subject };
    const found = await store.accounts.findIdentity(identity);
    if (found !== null) return found;
    refuseName(name, provider);
    const key = foldName(name);
    // By a token or a certificate somebody goes by it already, and has what that name was given, and its jobs.
    if (accounts.find(name) === null && (await store.accounts.isHeld(name, key))) throw held(name, identity);
    const account = { id: newId(), name, key, display, createdAt: now(), password: null, identity };
    const record = audit.ofServer({ verb: "create", resource: "users", name, about: identity });
    if (!(await store.audited(record).accounts.insert(account))) throw notLinked(name, identity);
    const made = await store.accounts.find(key);
    if (made === null) throw notLinked(name, identity);
    accounts.put(made);
    return made;
  }
}

/** One for all reasons: which it was is told to nobody. `why` is for the operator's record. */
function wrong(why: string | null = null): BerthError {
  return new BerthError("UNAUTHENTICATED", "Cannot authenticate: name and password do not go together", {
    fix: "Type both again; an administrator gives a new password: `berth user password NAME`",
    ...(why !== null && { cause: new RefusedThere(why) }),
  });
}

function unknownProvider(name: string, known: readonly string[]): BerthError {
  const message = `must be one of ${known.join(", ")}`;
  return new BerthError("REQUEST_INVALID", `Cannot log in by "${name}"`, {
    problems: [{ field: "provider", message }],
  });
}

/** Elsewhere people may be called what nobody can be called here. */
function refuseName(name: string, provider: string): void {
  const problem = accountNameProblem(name);
  if (problem === null) return;
  const called = `Cannot log in by "${provider}": what you are called there cannot be a name here`;
  throw new BerthError("IDENTITY_NOT_LINKED", `${called}: it ${problem}`);
}

function held(name: string, { provider, subject }: { provider: string; subject: string }): BerthError {
  return new BerthError(
    "IDENTITY_NOT_LINKED",
    `Cannot log in by "${provider}": somebody comes as "${name}" already, by a token or a certificate, and that is not you as far as the server knows`,
    {
      fix: `Ask an administrator: \`berth user create ${name}\`, then \`berth user link ${name} --provider ${provider} --subject '${subject}'\``,
    },
  );
}

function notLinked(name: string, { provider, subject }: { provider: string; subject: string }): BerthError {
  return new BerthError(
    "IDENTITY_NOT_LINKED",
    `Cannot log in by "${provider}": there is an account "${name}" already, which is not yours as far as the server knows`,
    {
      fix: `Ask an administrator: \`berth user link ${name} --provider ${provider} --subject '${subject}'\``,
    },
  );
}
