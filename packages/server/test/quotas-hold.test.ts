import { isBerthError, type QuotaBounds } from "@berth/protocol";
import { expect, it } from "vitest";
import { stopJob } from "../src/operations/jobs/stop-job.ts";
import { submitJob } from "../src/operations/jobs/submit-job.ts";
import { deleteQuota } from "../src/operations/quotas/delete-quota.ts";
import { setQuota } from "../src/operations/quotas/set-quota.ts";
import { openReconcilerBench, type ReconcilerBench } from "./support/reconciler-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";
import { randomFrom } from "./support/seeded-random.ts";
import { until } from "./support/until.ts";

type Server = Awaited<ReturnType<ReconcilerBench["open"]>>;

/** Steps of one run, and runs: more of both are for once, by hand. */
const steps = Number(process.env["BERTH_TEST_QUOTA_STEPS"] ?? 40);
const seeds = Array.from({ length: Number(process.env["BERTH_TEST_QUOTA_RUNS"] ?? 1) }, (_, n) => 31 + n);

const members = { ann: ["lab"], bob: ["lab", "all"], carl: ["all"], dora: [] } as const;
type Name = keyof typeof members;
const names = Object.keys(members) as Name[];
const subjects = [
  { kind: "user", name: "ann" },
  { kind: "user", name: "bob" },
  { kind: "group", name: "lab" },
  { kind: "group", name: "all" },
] as const;
type Subject = (typeof subjects)[number];

const callerOf = (name: string, role = "developer") => sampleCaller({ principal: { name, roles: [role] } });
const root = callerOf("admin", "admin");
const none: QuotaBounds = { jobs: null, jobsPerHour: null, cpu: null, memory: null, storedBytes: null };

const bounds = (owner: string, { kind, name }: Subject): boolean =>
  kind === "user" ? owner === name : (members[owner as Name] as readonly string[]).includes(name);

it.each(seeds)("no quota is ever exceeded by what starts, in a run of its own (seed %i)", async (seed) => {
  const random = randomFrom(seed);
  await using bench = await openReconcilerBench();
  const now = new Map<Subject, { jobs: number | null; cpu: number | null }>();
  const exceeded: string[] = [];
  let starts = 0;
  const start: typeof bench.engine.start = async (launch, signal) => {
    starts += 1;
    const open = (await bench.store.jobs.unfinished()).filter(({ state }) => state !== "queued");
    for (const [subject, { jobs, cpu }] of now) {
      const those = open.filter(({ owner }) => bounds(owner, subject));
      if (!those.some(({ id }) => launch.id === id)) continue;
      const cores = those.reduce((sum, { limits }) => sum + (limits.cpu?.value ?? 0), 0);
      if (jobs !== null && those.length > jobs) exceeded.push(`${subject.name}: ${those.length} of ${jobs}`);
      if (cpu !== null && cores > cpu + 1e-9) exceeded.push(`${subject.name}: ${cores} of ${cpu} cores`);
    }
    return await bench.engine.start(launch, signal);
  };
  const open = async (): Promise<Server> => {
    const server = await bench.open({ start, maxJobs: 12 });
    await server.context.groups.reload(() => server.context.store.groups.memberships());
    return server;
  };
  for (const [member, groups] of Object.entries(members))
    for (const group of groups) await bench.store.groups.add({ group, member, source: "local" });
  let server = await open();
  /** All that was given a slot runs by then: what starts after was given it after. */
  const settle = (): Promise<true> =>
    until(
      async () => {
        const open = (await bench.store.jobs.unfinished()).filter(({ state }) => state !== "queued");
        const isStarting = open.some(({ state }) => state === "preparing");
        return !isStarting && open.length === server.scheduler.slots("fake").busy;
      },
      { what: "all that has a slot to run" },
    );
  const submit = async (owner: Name): Promise<void> => {
    const spec = { command: "fake", args: ["hang"], resources: { cpu: `${100 * (1 + random.below(20))}m` } };
    const priority = random.below(3);
    // One that asks for more than a whole quota is refused.
    await submitJob(server.context, {
      caller: callerOf(owner),
      spec: { ...spec, priority },
      idempotencyKey: null,
    }).catch((error: unknown) => {
      if (!isBerthError(error) || !/^(QUOTA_EXCEEDED|QUEUE_FULL)$/.test(error.code)) throw error;
    });
  };
  /** What was given its slot before the change may start after it: the bound is looked at once all of that runs. */
  const change = async (subject: Subject): Promise<void> => {
    const before = now.get(subject);
    now.delete(subject);
    if (random.below(4) === 0 && before !== undefined)
      return await deleteQuota(server.context, { caller: root, ...subject });
    const next = { jobs: random.below(3) > 0 ? random.below(5) : null, cpu: 0.1 * (1 + random.below(40)) };
    await setQuota(server.context, { caller: root, ...subject, bounds: { ...none, ...next } });
    await settle();
    now.set(subject, next);
  };
  const stopOne = async (): Promise<void> => {
    const running = (await bench.store.jobs.unfinished()).filter(({ state }) => state === "running");
    const one = running[random.below(Math.max(running.length, 1))];
    if (one) await stopJob(server.context, { caller: root, id: one.id, graceMs: 0 });
  };
  for (let n = 0; n < steps; n += 1) {
    const dice = random.below(12);
    if (dice < 6)
      await Promise.all(
        Array.from({ length: 1 + random.below(4) }, () => submit(names[random.below(4)] ?? "ann")),
      );
    else if (dice < 9) await Promise.all([stopOne(), stopOne()]);
    else if (dice < 11) await change(subjects[random.below(4)] ?? subjects[0]);
    else {
      await settle();
      await server[Symbol.asyncDispose]();
      server = await open();
    }
  }
  // Nobody waits for a quota that is not there any more.
  for (const subject of now.keys()) {
    now.delete(subject);
    await deleteQuota(server.context, { caller: root, ...subject });
  }
  await until(
    async () => {
      const left = await bench.store.jobs.unfinished();
      await Promise.all(left.filter(({ state }) => state === "running").map(() => stopOne()));
      return left.length === 0;
    },
    { what: "all to have run" },
  );
  await server[Symbol.asyncDispose]();
  expect(exceeded).toEqual([]);
  expect(starts).toBeGreaterThan(10);
});
