import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const kriten = `${server}/api/kriten`;
const test = "packages/server/test/kriten";

/** What stands between the door for clients of Kriten and those who reach it. */
export const kritenDoor: readonly Guard[] = [
  {
    guard: "no page of another site acts by the cookie of Kriten's clients",
    file: `${kriten}/credential.ts`,
    take: "  if (!isOwnPage(request))\n",
    leave: "  if (request.url === '')\n",
    test: `${test}/logins.test.ts`,
  },
  {
    guard: "no page of another site logs anybody in at Kriten's door",
    file: `${kriten}/routes/session.ts`,
    take: 'if (!isOwn && !origins.includes(request.headers.origin ?? ""))',
    leave: "if (origins.length < 0)",
    test: `${test}/logins.test.ts`,
  },
  {
    guard: "no page of another site may read what Kriten's door answers, unless it is named",
    file: `${kriten}/before-routes.ts`,
    take: "origin !== undefined && known.has(origin)",
    leave: "origin !== undefined",
    test: `${test}/origins.test.ts`,
  },
  {
    guard: "a browser keeps no login of Kriten's door for a page of another site",
    file: `${kriten}/routes/session.ts`,
    take: "isOwn ? kept(reply, text) : { token: text }",
    leave: "kept(reply, text)",
    test: `${test}/origins.test.ts`,
  },
  {
    guard: "a browser that names another origin is heard at Kriten's door",
    file: `${kriten}/origins.ts`,
    take: 'theirs.origin !== "null" && theirs.origin === ours.origin',
    leave: "theirs !== null && ours !== null",
    test: `${test}/logins.test.ts`,
  },
  {
    guard: "an alias is one job's, and the next run gets another",
    file: `${server}/store/queries/job/insert-job.ts`,
    take: '    else job.alias = newAlias(job.task?.name ?? "");\n',
    test: "packages/server/test/store.test.ts",
  },
  {
    guard: "the key of a secret that Kriten's clients take away goes",
    file: `${kriten}/runner-secrets.ts`,
    take: 'before.filter((key) => values[key] === "")',
    leave: "before.filter(() => false)",
    test: `${test}/definitions.test.ts`,
  },
  {
    guard: "what a runner was given of secrets goes with it",
    file: `${kriten}/routes/runners.ts`,
    take: "        await dropSecret(context, { caller, name: secret });\n",
    leave: "        void secret;\n",
    test: `${test}/definitions.test.ts`,
  },
  {
    guard: "a role of Kriten's that reads everything changes nothing",
    file: `${kriten}/shape/role.ts`,
    take: 'const verbs = level === "read" ? READ : written;',
    leave: "const verbs = written;",
    test: `${test}/access.test.ts`,
  },
  {
    guard: "whoever writes tasks by a role of Kriten's does not run them",
    file: `${kriten}/shape/role.ts`,
    take: 'resource === "tasks" ? KEEP : WRITE',
    leave: "WRITE",
    test: `${kriten}/shape/role.test.ts`,
  },
];
