import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const schedules = `${server}/operations/tasks/schedules`;
const webhooks = `${server}/operations/tasks/webhooks`;
const instant = `${server}/store/queries/definitions/take-instant.ts`;
const message = `${server}/store/queries/definitions/take-message.ts`;
const signature = `${server}/core/task/webhook-signature.ts`;
const due = `${server}/core/task/due.ts`;
const stores = "packages/server/test/store.test.ts";
const overClock = "packages/server/test/schedules-api.test.ts";
const overCalls = "packages/server/test/webhooks-api.test.ts";

/** What runs tasks without anybody at a door: by the clock, and by calls of others. */
export const schedulesAndWebhooks: readonly Guard[] = [
  {
    guard: "an instant of a schedule has one run, whichever servers come to it",
    file: instant,
    take: '    .where("next_at", "=", from)\n',
    also: { file: instant, take: "{ query: note, exactly: 1 }", leave: "{ query: note }" },
    test: "packages/server/test/schedule-races.test.ts",
  },
  {
    guard: "an instant that has had its run has none again, though its schedule was set back",
    file: instant,
    take: "{ query: note, exactly: 1 }",
    leave: "{ query: note }",
    test: stores,
    title: "set back by hand",
  },
  {
    guard: "a schedule that is paused has no run",
    file: instant,
    take: '    .where("paused_at", "is", null)\n',
    test: stores,
    title: "none taken of one that is paused",
  },
  {
    guard: "a schedule that says something else by now has no run of what it said",
    file: instant,
    take: '          .where("version", "=", version),',
    leave: ",",
    test: stores,
    title: "says something else by now",
  },
  {
    guard: "the job of an instant is stored with it, and not without",
    file: `${server}/store/queries/job/insert-job.ts`,
    take: "due === undefined ? [] : takeForJob(db, due, job.id)",
    leave: "due === undefined ? [] : takeForJob(db, due, job.id).slice(3)",
    test: stores,
    title: "taken by one job of many, in its own write",
  },
  {
    guard: "a clock that was set back finds nothing due again",
    file: due,
    take: "  if (nextAt > now) return [];\n",
    also: {
      file: `${schedules}/run-due.ts`,
      take: "(state.nextAt ?? Infinity) <= now()",
      leave: "now() > 0",
    },
    test: overClock,
    title: "down over three due times",
  },
  {
    guard: "what is long past is left out where a schedule skips",
    file: due,
    take: "lateMs > LATE_MS ? 0 : 1",
    leave: "1",
    test: overClock,
    title: "down over three due times",
  },
  {
    guard: "a clock that is set forward is noticed",
    file: `${server}/reconciler/schedules/due-timer.ts`,
    take: "Math.min(LONGEST_MS, ",
    leave: "Math.min(Infinity, ",
    test: `${server}/reconciler/schedules/due-timer.test.ts`,
    title: "set forward",
  },
  {
    guard: "a schedule runs as its owner, who must be allowed to by then",
    file: `${schedules}/run-due.ts`,
    take: "asOwner(context, owner, {",
    leave: 'asOwner(context, owner && "root", {',
    test: overClock,
    title: "must be allowed to run the task, now and each time",
  },
  {
    guard: "a schedule that is refused again and again is paused",
    file: `${schedules}/run-due.ts`,
    take: "state.refusals >= MOST_REFUSED",
    leave: "state.refusals > 1000 * MOST_REFUSED",
    test: overClock,
    title: "must be allowed to run the task, now and each time",
  },
  {
    guard: "what runs in somebody's name is not for another to say",
    file: `${server}/operations/tasks/definitions/demand-own-words.ts`,
    take: "  await context.access.demand(caller, permission, { owner });\n",
    also: {
      file: `${server}/operations/tasks/definitions/demand-own-words.ts`,
      take: "  await context.access.demandHeld(caller, permission, rulesOfName(context, owner));\n",
      leave: "  void rulesOfName(context, owner);\n",
    },
    test: overClock,
    title: "alone says what is run in its name",
  },
  {
    guard: "a call is run for whoever has signed it alone",
    file: signature,
    take: "timingSafeEqual(one, made)",
    leave: "timingSafeEqual(one, one)",
    test: overCalls,
    title: "says the same of a signature that is wrong",
  },
  {
    guard: "a call is run within five minutes of its time alone",
    file: signature,
    take: "  if (Math.abs(now - Number(time) * 1000) > SKEW_MS) return null;\n",
    test: overCalls,
    title: "says the same of a signature that is wrong",
  },
  {
    guard: "what could be found by trying signs nothing",
    file: signature,
    take: "key !== null && key.length >= FEWEST_BYTES[signature]",
    leave: "key !== null && FEWEST_BYTES[signature] > 0",
    test: overCalls,
    title: "could be found by trying",
  },
  {
    guard: "a call is run once",
    file: `${webhooks}/run-webhook.ts`,
    take: "message.message === null ? null : `webhook",
    leave: "message !== null ? null : `webhook",
    also: { file: message, take: "{ query: take, exactly: 1 }", leave: "{ query: take }" },
    test: overCalls,
    title: "runs a call once",
  },
  {
    guard: "a call is run once, also where its job was deleted since",
    file: message,
    take: "{ query: take, exactly: 1 }",
    leave: "{ query: take }",
    test: overCalls,
    title: "takes no call again",
  },
  {
    guard: "calls of long ago are forgotten",
    file: message,
    take: ", { query: forget }]",
    leave: ", ...(forget.sql === '' ? [{ query: forget }] : [])]",
    test: stores,
    title: "known until their time is over",
  },
  {
    guard: "a webhook runs as its owner, who must be allowed to with each call",
    file: `${webhooks}/run-webhook.ts`,
    take: "asOwner(context, definition.owner, {",
    leave: 'asOwner(context, definition.owner && "root", {',
    test: overCalls,
    title: "asks its owner's right with each call",
  },
  {
    guard: "a webhook is signed by a secret that its maker may use",
    file: `${webhooks}/demand-callable.ts`,
    take: '  await demandSecret(context, { caller, name: spec.secret, what: "Cannot define webhook" });\n',
    leave: "  void demandSecret;\n",
    test: overCalls,
    title: "must be allowed to run the task and to use the secret",
  },
];
