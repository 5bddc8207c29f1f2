import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const login = "packages/server/test/api-login.test.ts";
const users = "packages/server/test/api-users.test.ts";
const throttle = `${server}/auth/login/throttle.test.ts`;
const typed = `${server}/auth/login/typed-name.test.ts`;

/** Who comes in by a password, and how often he may try. */
export const logins: readonly Guard[] = [
  {
    guard: "refusals of a login leave at the tick",
    file: `${server}/auth/login/sign-in.ts`,
    take: "if (tickMs > 0) await sleep(tickMs - ((performance.now() - begun) % tickMs));",
    test: login,
    title: "does the same work",
  },
  {
    guard: "a name that is nobody's is checked as any other",
    file: `${server}/auth/providers/local.ts`,
    take: "const isRight = await passwords.check(",
    leave: "const isRight = stored !== null && await passwords.check(",
    test: login,
    title: "does the same work",
  },
  {
    guard: "a password that somebody else chose is good for choosing another",
    file: `${server}/auth/login/with-password-change.ts`,
    take: 'if (mustChangePassword !== true || resource === "access") return;',
    leave: 'if (resource !== "nothing" as string) return;',
    test: users,
    title: "first login alone",
  },
  {
    guard: "a session does not begin by a password that was changed meanwhile",
    file: `${server}/auth/login/sign-in.ts`,
    take: ", of: { id, password } }",
    leave: ", of: null }",
    test: login,
    title: "overtaken",
  },
  {
    guard: "another password ends sessions",
    file: `${server}/operations/users/keep-password.ts`,
    take: "for (const session of ended) sessions.forget(session);",
    test: users,
    title: "loses its streams with the password",
  },
  {
    guard: "wrong passwords make whoever tries wait",
    file: `${server}/auth/login/throttle.ts`,
    take: "if (pairTries.count >= FREE) pairTries.until = now + waitAfter(pairTries.count);",
    test: throttle,
  },
  {
    guard: "one address that tries many names waits",
    file: `${server}/auth/login/throttle.ts`,
    take: "addressTries.count >= PER_ADDRESS ? addressTries.since + ADDRESS_WINDOW_MS : 0",
    leave: "0",
    test: throttle,
  },
  {
    guard: "one name that many addresses try waits",
    file: `${server}/auth/login/throttle.ts`,
    take: "nameTries.count >= PER_NAME ? nameTries.since + NAME_WINDOW_MS : 0",
    leave: "false ? 1 : 0",
    test: throttle,
  },
  {
    guard: "nobody is shut out by who tries his name from elsewhere",
    file: `${server}/auth/login/throttle.ts`,
    take: "!isKnown && ",
    test: throttle,
  },
  {
    guard: "what the throttle refuses pushes nobody out",
    file: `${server}/auth/login/throttle.ts`,
    take: "if (until > now) throw tooMany(until - now);\n",
    leave:
      "keep(this.#pairs, pair, pairTries);\n    keep(this.#names, name, nameTries);\n    if (until > now) throw tooMany(until - now);\n",
    test: throttle,
  },
  {
    guard: "tries at the same time are not one",
    file: `${server}/auth/login/throttle.ts`,
    take: "for (const each of [pairTries, addressTries, nameTries]) each.count += 1;",
    leave:
      "void Promise.resolve().then(() => { for (const each of [pairTries, addressTries, nameTries]) each.count += 1; });",
    test: throttle,
  },
  {
    guard: "a name is one however it is typed",
    file: `${server}/auth/login/typed-name.ts`,
    take: ".trim()",
    test: typed,
  },
  {
    guard: "logins by what somebody is not known by any more end",
    file: `${server}/operations/users/link-user.ts`,
    take: "if (!linked) await endLogins(",
    leave: "if (!linked) void (() => undefined)(",
    test: users,
    title: "loses its logins by a provider",
  },
  {
    guard: "no account has a name that paths lead elsewhere by",
    file: `${server}/core/access/principal-name.ts`,
    take: `if (name === "." || name === ".." || /[/\\\\]/.test(name)) return`,
    leave: `if (name === "") return`,
    test: users,
    title: "is not made as",
  },
];
