import { isTerminal, jobStates, type JobState, terminalStates } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import type { JobChange } from "../../../src/core/job/job.ts";
import { mayFollow } from "../../../src/core/job/transitions.ts";
import type { PassedState } from "../../../src/store/store.ts";
import { sampleJob } from "../../support/sample-job.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const moves = jobStates.flatMap((from) => jobStates.map((to) => ({ from, to })));
const allowed = moves.filter(({ from, to }) => mayFollow(from, to));
const forbidden = moves.filter(({ from, to }) => !mayFollow(from, to));

type Change = JobChange & { at?: number; from?: JobState; passed?: PassedState };

const everyField: Required<JobChange> = {
  cause: { code: "exit", message: "Exited with 3", evidence: { exitCode: 3 } },
  exitCode: 3,
  signal: "SIGTERM",
  startedAt: 11,
  endedAt: 12,
  deadlineAt: 13,
  usage: { cpuMs: 1.5, wallMs: 2, peakMemoryBytes: 2 ** 40, outputBytes: 5 },
  isolation: { level: "none", items: [] },
  resultJson: '[9007199254740993,null,{"a":"b"}]',
  source: {
    url: "ssh://git@host.example:22/a",
    ref: "v1",
    credentials: { kind: "ssh", secret: "deploy", key: "key", knownHosts: "host.example ssh-ed25519 AAAA" },
    shown: "0123456789abcdef",
    ca: "-----BEGIN CERTIFICATE-----",
    network: "office",
    mostBytes: 2 ** 40,
    refreshMs: 0,
    submodules: true,
    commit: "0123456789abcdef0123456789abcdef01234567",
  },
  retry: { attempt: 3, of: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7", at: 1_800_000_003_000 },
  contacts: { reached: 2 ** 40, refused: 2, others: 3 },
  stop: { cause: { code: "stopped", message: "Stopped", evidence: {} }, graceMs: 0, requestedAt: 1 },
  limits: { ...sampleJob().limits, runMs: { value: 123, by: "job" } },
};

export function describeChanging(use: () => StoreBench, { races }: { races: number }): void {
  const transition = (id: string, to: JobState, change: Change = {}) =>
    use().store.jobs.transition(id, to, { at: 1_800_000_002_000, ...change });

  describe("moving from state to state", () => {
    it.each(allowed)("moves a job from $from to $to and records it", async ({ from, to }) => {
      const { id } = await use().insertIn(from);
      const before = await use().store.events.list(id, 0);
      const job = await transition(id, to, { exitCode: 7 });
      expect(job).toMatchObject({
        id,
        state: to,
        exitCode: 7,
        endedAt: isTerminal(to) ? 1_800_000_002_000 : null,
      });
      expect(await use().store.jobs.get(id)).toStrictEqual(job);
      const events = await use().store.events.list(id, before.length);
      expect(events).toMatchObject([
        { seq: before.length + 1, type: to, at: 1_800_000_002_000, exitCode: 7 },
      ]);
    });

    it.each(forbidden)("leaves a job in $from when asked for $to", async ({ from, to }) => {
      const job = await use().insertIn(from);
      const events = await use().store.events.list(job.id, 0);
      expect(await transition(job.id, to, { exitCode: 99 })).toBeNull();
      expect(await use().store.jobs.get(job.id)).toStrictEqual(job);
      expect(await use().store.events.list(job.id, 0)).toStrictEqual(events);
    });

    it("moves only from the state that the caller names", async () => {
      const { id } = await use().insertIn("preparing");
      expect(await transition(id, "failed", { from: "running" })).toBeNull();
      expect(await transition(id, "failed", { from: "queued" })).toBeNull();
      expect((await transition(id, "failed", { from: "preparing" }))?.state).toBe("failed");
    });

    it("never moves out of order because the caller names the state", async () => {
      const { id } = await use().insertIn("succeeded");
      expect(await transition(id, "running", { from: "succeeded" })).toBeNull();
    });

    it("says null of a job that is not there", async () => {
      expect(await transition(sampleJob().id, "preparing")).toBeNull();
    });

    it("writes every field that a change names", async () => {
      const job = await use().insertIn("running");
      expect(await transition(job.id, "succeeded", everyField)).toStrictEqual({
        ...job,
        ...everyField,
        state: "succeeded",
      });
    });

    it("puts null where a change says null, and leaves what it does not name", async () => {
      const { id } = await use().insertIn("preparing");
      await transition(id, "running", { deadlineAt: 5, cause: everyField.cause, signal: "h", startedAt: 4 });
      const job = await transition(id, "stopping", { deadlineAt: null, cause: null });
      expect(job).toMatchObject({ deadlineAt: null, cause: null, signal: "h", startedAt: 4 });
    });

    it("shows an event as the job was right after the change", async () => {
      const { id } = await use().insertIn("preparing");
      await transition(id, "running", { deadlineAt: 77 });
      await transition(id, "failed", { deadlineAt: null, exitCode: 1, cause: everyField.cause });
      expect(await use().store.events.list(id, 2)).toMatchObject([
        { seq: 3, type: "running", deadlineAt: 77, cause: null, exitCode: null },
        { seq: 4, type: "failed", deadlineAt: null, cause: everyField.cause, exitCode: 1 },
      ]);
    });

    it("records a state that was passed through together with the next, as if each had been recorded by itself", async () => {
      const { id, limits } = await use().insertIn("preparing");
      await use().store.jobs.update(id, { limits: { ...limits, runMs: { value: 72, by: "job" } } });
      const passed = { state: "running", at: 5 } as const;
      const job = await transition(id, "succeeded", { deadlineAt: null, exitCode: 0, passed });
      expect(job).toMatchObject({ state: "succeeded", exitCode: 0 });
      expect(await use().store.events.list(id, 2)).toMatchObject([
        { seq: 3, type: "running", at: 5, deadlineAt: 77, cause: null, exitCode: null },
        { seq: 4, type: "succeeded", deadlineAt: null, exitCode: 0 },
      ]);
    });

    it("records no state as passed that the job cannot have come from, nor where it does not move", async () => {
      const passed = { state: "running", at: 5 } as const;
      const stopping = await use().insertIn("stopping");
      const before = await use().store.events.list(stopping.id, 0);
      await transition(stopping.id, "canceled", { passed });
      expect(await use().store.events.list(stopping.id, before.length)).toMatchObject([{ type: "canceled" }]);
      const preparing = await use().insertIn("preparing");
      expect(await transition(preparing.id, "failed", { from: "running", passed })).toBeNull();
      expect(await use().store.events.list(preparing.id, 2)).toEqual([]);
    });

    it(`ABUSE 25: ends each of ${races} jobs once when cancel and finish come together`, async () => {
      const owner = "race";
      const race = async (): Promise<number> => {
        const { id } = await use().insertIn("running", { owner });
        const ends = await Promise.all([
          transition(id, "canceled"),
          transition(id, "succeeded"),
          transition(id, "failed"),
        ]);
        const winner = ends.filter((end) => end !== null);
        const terminal = (await use().store.events.list(id, 0)).filter(
          ({ type }) => type !== "extended" && isTerminal(type),
        );
        const stored = await use().store.jobs.get(id);
        return winner.length === 1 && terminal.length === 1 && terminal[0]?.type === stored?.state ? 1 : 0;
      };
      let once = 0;
      for (let round = 0; round < races / 500; round += 1) {
        const results = await Promise.all(Array.from({ length: 500 }, race));
        once += results.reduce((sum, one) => sum + one, 0);
      }
      expect(once).toBe(races);
    });
  });

  describe("updating", () => {
    it.each(jobStates.filter((state) => !isTerminal(state)))(
      "changes fields of a job in %s",
      async (state) => {
        const job = await use().insertIn(state);
        expect(await use().store.jobs.update(job.id, everyField)).toStrictEqual({ ...job, ...everyField });
        expect(await use().store.jobs.get(job.id)).toStrictEqual({ ...job, ...everyField });
      },
    );

    it.each(terminalStates)("changes nothing of a job in %s", async (state) => {
      const job = await use().insertIn(state);
      const events = await use().store.events.list(job.id, 0);
      expect(await use().store.jobs.update(job.id, everyField)).toBeNull();
      expect(await use().store.jobs.extend(job.id, { byMs: 1, at: 1 })).toBeNull();
      expect(await use().store.jobs.get(job.id)).toStrictEqual(job);
      expect(await use().store.events.list(job.id, 0)).toStrictEqual(events);
    });

    it("records an extension with the new deadline", async () => {
      const { id } = await use().insertIn("running");
      await use().store.jobs.update(id, { deadlineAt: 59 });
      await use().store.jobs.extend(id, { byMs: 40, at: 5 });
      expect(await use().store.events.list(id, 3)).toMatchObject([
        { seq: 4, type: "extended", at: 5, deadlineAt: 99 },
      ]);
    });

    it("gives a deadline all extensions that came before, with and after the start", async () => {
      const { id, limits } = await use().insertIn("preparing");
      const { jobs } = use().store;
      await jobs.update(id, { limits: { ...limits, runMs: { value: 1000, by: "job" } } });
      const by = (byMs: number) => jobs.extend(id, { byMs, at: 1 });
      await by(100);
      await Promise.all([by(20), transition(id, "running", { startedAt: 50_000 }), by(3)]);
      await by(4000);
      expect(await jobs.get(id)).toMatchObject({ deadlineAt: 55_123, limits: { runMs: { value: 5123 } } });
    });

    it("gives no deadline to a job without a run timeout", async () => {
      const { id, limits } = await use().insertIn("preparing");
      await use().store.jobs.update(id, { limits: { ...limits, runMs: null } });
      await transition(id, "running", { startedAt: 50_000 });
      expect(await use().store.jobs.extend(id, { byMs: 5, at: 1 })).toMatchObject({
        deadlineAt: null,
        limits: { runMs: null },
      });
    });

    it("keeps the first request to stop, and of the graces the shortest so far", async () => {
      const { id } = await use().insertIn("running");
      const stop = (requestedAt: number, graceMs: number) => ({
        cause: { code: "stopped" as const, message: `Stopped ${requestedAt}`, evidence: {} },
        graceMs,
        requestedAt,
      });
      const asked = [stop(1, 50), stop(2, 70), stop(3, 20), stop(4, 30)];
      const answers = await Promise.all(asked.map((one) => use().store.jobs.update(id, { stop: one })));
      expect(answers.map((job) => job?.stop)).toEqual([50, 50, 20, 20].map((graceMs) => stop(1, graceMs)));
    });

    it("numbers the events of one job without gaps when many come at once", async () => {
      const { id } = await use().insertIn("running");
      const extend = (byMs: number) => use().store.jobs.extend(id, { byMs, at: 1 });
      await Promise.all(Array.from({ length: 50 }, (_, n) => extend(n)));
      const seqs = (await use().store.events.list(id, 3)).map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: 50 }, (_, n) => n + 4));
    });
  });
}
