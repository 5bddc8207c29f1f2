import { once } from "node:events";
import type { Binding } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ExecutorBench, openExecutorBench } from "./support/executor-bench.ts";
import { until } from "./support/until.ts";

let bench: ExecutorBench;
let url: string;
beforeAll(async () => {
  bench = await openExecutorBench();
  url = await bench.api.listen();
  await must("POST /api/v1/users", { name: "bob" });
  const rules = [{ resource: "jobs", names: ["*"], verbs: ["read"] }];
  await must("POST /api/v1/roles", { name: "onlooker", rules });
});
afterAll(() => bench[Symbol.asyncDispose]());

async function must(request: string, body?: unknown): Promise<unknown> {
  const answer = await bench.api.call(request, { as: "root", body });
  expect([request, answer.status < 300]).toEqual([request, true]);
  return answer.body;
}

/** Gives bob what lets him see ann's jobs; returns how that is taken back. */
async function byRole(): Promise<() => Promise<unknown>> {
  const { id } = (await must("POST /api/v1/bindings", { role: "onlooker", user: "bob" })) as Binding;
  return () => must(`DELETE /api/v1/bindings/${id}`);
}

async function byGroup(leave: string): Promise<() => Promise<unknown>> {
  await must("POST /api/v1/groups", { name: "watch" });
  const { id } = (await must("POST /api/v1/bindings", { role: "onlooker", group: "watch" })) as Binding;
  await must("PUT /api/v1/groups/watch/members/bob");
  return async () => {
    await must(leave);
    if (leave.endsWith("bob")) await must("DELETE /api/v1/groups/watch");
    await bench.api.call(`DELETE /api/v1/bindings/${id}`, { as: "root" });
  };
}

/** What bob holds open of a job, and "own" of his own: each says by its name that it has ended. */
async function holding(id: string, own: string) {
  const ended: string[] = [];
  const get = (path: string) =>
    fetch(`${url}/api/v1/jobs/${path}`, { headers: { authorization: `Bearer ${bench.api.tokens.bob}` } });
  const note = (what: string, end: Promise<unknown>) => {
    void end.catch(() => undefined).then(() => ended.push(what));
  };
  const client = await bench.client("bob");
  const call = client.open("getOutStream", { executionId: { value: id } }).on("data", () => undefined);
  note("gRPC", once(call, "error"));
  await until(() => bench.revocations.held === 1, { what: "the call over gRPC" });
  for (const [what, path] of [
    ["output", `${id}/output?follow=true`],
    ["events", `${id}/events`],
    ["own", `${own}/events`],
  ] as const)
    note(what, (await get(path)).arrayBuffer());
  note("wait", get(`${id}?wait=60s`));
  await until(() => bench.api.context.locks.held === 5, { what: "what is open" });
  return { ended, client };
}

it.each([
  ["a role is taken back", byRole],
  ["a group is left", () => byGroup("DELETE /api/v1/groups/watch/members/bob")],
  ["a group is deleted", () => byGroup("DELETE /api/v1/groups/watch")],
])("as %s, what that alone allowed is ended where it is open, and nothing else", async (_what, give) => {
  const [theirs, own] = [await bench.api.runningJob("ann"), await bench.api.runningJob("bob")];
  const takeBack = await give();
  const { ended, client } = await holding(theirs.id, own.id);
  await must("POST /api/v1/bindings", { role: "viewer", user: "carol" });
  expect(ended).toEqual([]);
  const since = performance.now();
  await takeBack();
  await until(() => ended.length === 4, { what: `the end of what was open (${ended.join()})` });
  console.log(`rights cut: ${Math.round(performance.now() - since)} ms`);
  expect(ended.toSorted()).toEqual(["events", "gRPC", "output", "wait"]);
  client[Symbol.dispose]();
  const { app } = bench.api;
  app.server.closeAllConnections();
  await until(() => bench.api.context.locks.held === 0, { what: "bob to have gone" });
});
