import { writeFileSync } from "node:fs";
import { job as jobShape, jobEvent } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Job } from "../src/core/job/job.ts";
import { outputIdOf } from "../src/core/stages/output-of-stage.ts";
import type { Stage } from "../src/core/stages/stage.ts";
import { ApiBench } from "./support/api-bench.ts";
import { readSse } from "./support/read-sse.ts";
import { sampleJob } from "./support/sample-job.ts";
import { sampleStages } from "./support/sample-stage.ts";

let api: ApiBench;
let url: string;
beforeAll(async () => {
  api = await ApiBench.open();
  url = await api.listen();
});
afterAll(() => api[Symbol.asyncDispose]());

const at = 1_800_000_002_000;

async function get(path: string, token = api.tokens.ann): Promise<Response> {
  return fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
}

/** A job of three stages, the first two in these states, each of which said its number. */
async function insert(...states: Stage["state"][]): Promise<{ job: Job; stages: Stage[] }> {
  const job = sampleJob({ owner: "ann", state: "preparing", stagesBefore: states.length });
  const stages = sampleStages(job, states);
  await api.jobs.insert(job, { stages });
  for (const stage of stages) {
    const { stdout } = await api.context.logs.create(outputIdOf(stage));
    writeFileSync(stdout, `stage ${stage.position}`);
    if (stage.state === "succeeded") await api.context.logs.follow(outputIdOf(stage)).finish();
  }
  return { job, stages };
}

it("lists the stages of a job asked for by its id, one for a plain command, and none in a list", async () => {
  const { job, stages } = await insert("succeeded", "running");
  const shown = jobShape.parse(await (await get(`/api/v1/jobs/${job.id}`)).json());
  expect(shown.stages).toMatchObject([
    { id: stages[0]?.id, kind: "unpack", state: "succeeded" },
    { id: stages[1]?.id, kind: "unpack", state: "running" },
    { id: job.id, kind: "command", state: "queued", startedAt: null, exitCode: null },
  ]);
  const plain = await api.jobs.insertIn("succeeded", { owner: "ann" });
  const one = jobShape.parse(await (await get(`/api/v1/jobs/${plain.id}`)).json());
  expect(one.stages).toMatchObject([{ id: plain.id, kind: "command", state: "succeeded" }]);
  expect(await (await get("/api/v1/jobs")).text()).not.toContain('"stages"');
});

it("gives the output of one stage, by its kind or id, and that of the user's code without", async () => {
  const { job, stages } = await insert("succeeded", "succeeded");
  const output = async (query: string): Promise<string> =>
    (await get(`/api/v1/jobs/${job.id}/output${query}`)).text();
  expect(await output(`?stage=${stages[0]?.id}`)).toBe("stage 0");
  expect(await output("?stage=unpack")).toBe("stage 1");
  expect(await output("?stage=unpack&offset=6&follow=true")).toBe("1");
  expect(await output("?stage=command")).toBe("");
  expect(await output("")).toBe("");
});

it("says which stage there is not, and nothing of the stages of somebody else's job", async () => {
  const { job } = await insert("succeeded");
  const unknown = await get(`/api/v1/jobs/${job.id}/output?stage=build`);
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: "STAGE_NOT_FOUND" }]);
  const past = await get(`/api/v1/jobs/${job.id}/output?stage=unpack&offset=8`);
  expect([past.status, await past.json()]).toMatchObject([416, { code: "OFFSET_OUT_OF_RANGE" }]);
  const foreign = await get(`/api/v1/jobs/${job.id}/output?stage=unpack`, api.tokens.bob);
  expect([foreign.status, await foreign.json()]).toMatchObject([404, { code: "JOB_NOT_FOUND" }]);
});

it("follows a stage to its end, which is stored by then, and not to that of the job", async () => {
  const { job, stages } = await insert("running");
  const [stage] = stages;
  if (!stage) throw new Error("Cannot insert a stage");
  const following = get(`/api/v1/jobs/${job.id}/output?stage=unpack&follow=true`).then((answer) =>
    answer.text(),
  );
  const follower = api.context.logs.follow(outputIdOf(stage));
  await follower.finish();
  let isOver = false;
  const read = following.then((text) => {
    isOver = true;
    return text;
  });
  // By then the end of the output would have come, were it not waited for.
  for (let round = 0; round < 5; round += 1) await get("/api/v1/jobs");
  expect(isOver).toBe(false);
  await api.context.store.stages.transition(stage, "succeeded", { at });
  expect(await read).toBe("stage 0");
});

it("tells by each event which stage it is about, but for a plain command's", async () => {
  const { job, stages } = await insert("queued");
  const { store } = api.context;
  const [stage] = stages;
  if (!stage) throw new Error("Cannot insert a stage");
  await store.stages.transition(stage, "running", { at });
  await store.stages.transition(stage, "succeeded", { at });
  const about = (state: Stage["state"]) => ({ stage: { id: job.id, kind: "command", state } as const });
  const passed = { state: "running", at, ...about("running") } as const;
  await store.jobs.transition(job.id, "succeeded", { at, passed, ...about("succeeded") });
  const told = [];
  for await (const { event, data } of readSse(await get(`/api/v1/jobs/${job.id}/events`)))
    if (event !== "end") told.push(jobEvent.parse(data));
  expect(told.map(({ type, stage: of }) => [type, of?.kind, of?.state])).toEqual([
    ["queued", undefined, undefined],
    ["preparing", undefined, undefined],
    ["preparing", "unpack", "running"],
    ["preparing", "unpack", "succeeded"],
    ["running", "command", "running"],
    ["succeeded", "command", "succeeded"],
  ]);
  const plain = await api.jobs.insertIn("succeeded", { owner: "ann" });
  expect(await (await get(`/api/v1/jobs/${plain.id}/events`)).text()).not.toContain('"stage"');
});
