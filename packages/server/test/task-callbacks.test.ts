import { randomBytes } from "node:crypto";
import type { Callback, Delivery } from "@berth/protocol";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Context } from "../src/operations/context.ts";
import { listDeliveries } from "../src/operations/tasks/deliveries/list-deliveries.ts";
import { resendDelivery } from "../src/operations/tasks/deliveries/resend-delivery.ts";
import { createDefinition } from "../src/operations/tasks/definitions/create-definition.ts";
import { runTask } from "../src/operations/tasks/run-task.ts";
import { viewDelivery } from "../src/core/job/delivery/view-delivery.ts";
import { CallbackReceiver } from "./support/callback-receiver.ts";
import { openReconcilerBench, type ReconcilerBench } from "./support/reconciler-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";
import { until } from "./support/until.ts";

const caller = sampleCaller({ principal: { name: "admin", roles: ["admin"] } });
const secret = `whsec_${randomBytes(32).toString("base64")}`;

let bench: ReconcilerBench;
let open: Awaited<ReturnType<ReconcilerBench["open"]>>;
let receiver: CallbackReceiver;
const context = (): Context => open.context;

beforeAll(async () => {
  bench = await openReconcilerBench();
  open = await bench.open({ maxJobs: 8 }, { callbacks: ["127.0.0.0/8"] });
  await createDefinition(context(), { caller, kind: "runner", name: "plain", spec: {} });
  await context().secrets.create("hook", { values: { key: secret }, short: false });
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});
beforeEach(async () => {
  receiver = await CallbackReceiver.open(secret);
  return () => receiver[Symbol.asyncDispose]();
});

let tasks = 0;
async function run(
  callbacks: (Partial<Callback> & { url: string })[],
  { command = ["fake", "exit=0"] as string[], by = context() } = {},
): Promise<string> {
  const name = `told-${(tasks += 1)}`;
  const all = callbacks.map((one) => ({ secret: "hook", ...one }));
  const spec = { runner: "plain", command, callbacks: all };
  await createDefinition(by, { caller, kind: "task", name, spec });
  const input = Buffer.from('{"password":"hunter2"}');
  return (await runTask(context(), { caller, name, input, idempotencyKey: null })).job.id;
}

async function deliveriesOf(id: string): Promise<Delivery[]> {
  const all = await listDeliveries(context(), { caller, id });
  return all.map(({ delivery, attempts }) => viewDelivery(delivery, attempts));
}

/** Once this many attempts of the first one are over. */
const tried = (id: string, attempts = 1): Promise<Delivery> =>
  until(
    async () => {
      const [one] = await deliveriesOf(id);
      const isOver = one?.attempts[attempts - 1]?.ms !== null && one?.attempts[attempts - 1] !== undefined;
      return isOver ? one : null;
    },
    { what: `${attempts} attempts` },
  );

it("tells who asked for it that a run has ended, signed, without what it was given", async () => {
  const id = await run([{ url: `${receiver.origin}/hear?key=1` }]);
  const delivery = await tried(id);
  expect(delivery).toMatchObject({
    receiver: receiver.origin,
    state: "delivered",
    nextAt: null,
    attempts: [{ n: 1, address: "127.0.0.1", status: 204, why: null }],
  });
  expect(receiver.faults).toEqual([]);
  const [told] = receiver.told;
  expect(told).toMatchObject({
    path: "/hear?key=1",
    id: delivery.id,
    body: { type: "job.ended", data: { id, state: "succeeded", owner: "admin", exitCode: 0 } },
  });
  expect(JSON.stringify(told)).not.toContain("hunter2");
  expect(told?.body.timestamp).toBe(told?.body.data["endedAt"]);
});

it("tells those alone who want to hear of such an end", async () => {
  const id = await run(
    [
      { url: `${receiver.origin}/failed`, on: ["failed", "lost"] },
      { url: `${receiver.origin}/succeeded`, on: ["succeeded"] },
    ],
    { command: ["fake", "exit=3"] },
  );
  await tried(id);
  expect(receiver.told.map(({ path }) => path)).toEqual(["/failed"]);
  expect(await deliveriesOf(id)).toHaveLength(1);
});

it("follows no redirect, and says so", async () => {
  receiver.answer = (_, response) =>
    void response.writeHead(302, { location: "http://169.254.169.254/" }).end();
  const delivery = await tried(await run([{ url: `${receiver.origin}/moved` }]));
  expect(delivery).toMatchObject({ state: "pending", attempts: [{ status: 302 }] });
  expect(delivery.attempts[0]?.why).toContain("redirects are not followed");
  const [after, at] = [delivery.nextAt, delivery.attempts[0]?.at].map((time) => Date.parse(time ?? ""));
  expect((after ?? 0) - (at ?? 0)).toBeGreaterThanOrEqual(5000);
});

it("sends nothing more once the receiver is gone for good, but by hand", async () => {
  receiver.answer = (_, response) => void response.writeHead(410).end();
  const id = await run([{ url: `${receiver.origin}/gone` }]);
  const gone = await tried(id);
  expect(gone).toMatchObject({ state: "failed", nextAt: null, attempts: [{ status: 410 }] });
  receiver.answer = (_, response) => void response.writeHead(200).end();
  const { id: delivery } = gone;
  const again = { caller, id, delivery, attempts: 1 };
  await resendDelivery(context(), again);
  expect(await tried(id, 2)).toMatchObject({ state: "delivered", attempts: [{ n: 1 }, { n: 2 }] });
  // As a client does that has heard no answer.
  await resendDelivery(context(), again);
  expect((await deliveriesOf(id))[0]).toMatchObject({ state: "delivered" });
  expect(receiver.told.map(({ id: told }) => told)).toEqual([delivery, delivery]);
});

it.each([
  ["http://169.254.169.254/latest/", "169.254.169.254 is closed (link-local, and metadata)"],
  ["http://10.1/", "10.0.0.1 is closed (private)"],
  ["https://[::ffff:10.0.0.1]:8443/", "closed (private)"],
])("takes no task that names an address that is closed: %s", async (url, why) => {
  await expect(run([{ url }])).rejects.toMatchObject({
    code: "REQUEST_INVALID",
    problems: [{ field: "spec.callbacks[0].url", message: expect.stringContaining(why) as string }],
  });
  await expect(run([{ url }])).rejects.toMatchObject({
    problems: [{ message: expect.stringMatching(/and BERTH_CALLBACKS_ALLOW does not name it$/) as string }],
  });
});

it("sends nothing to addresses that are closed, and records that", async () => {
  // As it was while the setting named them.
  const by = { ...context(), deliveries: { wake: () => {}, whyRefused: () => null } };
  const id = await run([{ url: "http://169.254.169.254/latest/" }], { by });
  const delivery = await tried(id);
  const why =
    "169.254.169.254 is closed (link-local, and metadata), and BERTH_CALLBACKS_ALLOW does not name it";
  expect(delivery).toMatchObject({ state: "pending", attempts: [{ address: null, status: null, why }] });
});

it("signs by what the secret holds by then, and says where there is none", async () => {
  receiver.answer = (_, response) => void response.writeHead(500).end();
  const id = await run([{ url: `${receiver.origin}/` }]);
  const { id: delivery } = await tried(id);
  await context().secrets.delete("hook");
  await resendDelivery(context(), { caller, id, delivery });
  expect((await tried(id, 2)).attempts[1]).toMatchObject({
    why: 'there is no secret "hook" that can sign',
    status: null,
  });
  await context().secrets.create("hook", { values: { key: secret }, short: false });
  receiver.answer = (_, response) => void response.writeHead(200).end();
  await resendDelivery(context(), { caller, id, delivery });
  expect((await tried(id, 3)).state).toBe("delivered");
});

it("stores nothing of jobs that nobody is told of", async () => {
  const id = await run([]);
  await bench.untilState(id, "succeeded");
  expect(await bench.store.deliveries.ofJob(id)).toEqual([]);
  expect((await bench.store.jobs.get(id))?.callbacks).toBeNull();
});
