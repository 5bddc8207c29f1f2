import type { Job, JobSpecInput } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../src/engines/engine.ts";
import type { Context } from "../src/operations/context.ts";
import { submitJob } from "../src/operations/jobs/submit-job.ts";
import { ApiBench, type Caller } from "./support/api-bench.ts";
import { openReconcilerBench } from "./support/reconciler-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

const base = {
  command: "python3",
  args: ["report.py"],
  files: { "report.py": "print(1)", "data.bin": { base64: "AAEC" } },
  stdin: "first",
  env: { A: "1" },
} satisfies JobSpecInput;

const submit = (key: string, spec: JobSpecInput = base, as: Caller = "ann") =>
  api.call("POST /api/v1/jobs", { as, body: spec, headers: { "idempotency-key": key } });

const idOf = ({ body }: { body: unknown }): string => (body as Job).id;

describe("ABUSE 23: an idempotency key", () => {
  it.each<[string, JobSpecInput]>([
    ["the text of a file", { ...base, files: { ...base.files, "report.py": "print(2)" } }],
    ["the bytes of a file", { ...base, files: { ...base.files, "data.bin": { base64: "AAED" } } }],
    ["the name of a file", { ...base, files: { "other.py": "print(1)", "data.bin": { base64: "AAEC" } } }],
    ["two files whose contents changed places", swapped()],
    ["one file less", { ...base, files: { "report.py": "print(1)" } }],
    ["what it reads", { ...base, stdin: "other" }],
    ["that it reads nothing", { command: base.command, args: base.args, files: base.files, env: base.env }],
    ["an argument", { ...base, args: ["other.py"] }],
    ["its environment", { ...base, env: { A: "2" } }],
    ["its label", { ...base, labels: { a: "b" } }],
  ])("is refused with another request, though it differs in no more than %s", async (what, other) => {
    const key = what.replaceAll(" ", "-");
    expect((await submit(key)).status).toBe(201);
    expect(await submit(key, other)).toMatchObject({ status: 409, body: { code: "IDEMPOTENCY_CONFLICT" } });
  });

  it("answers the same request however its keys are ordered, and with defaults written out", async () => {
    const first = await submit("order");
    const { env, stdin, files, args, command } = base;
    const again = await submit("order", { env, stdin, files, args, command });
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect(idOf(again)).toBe(idOf(first));
    await submit("default", { command: "true" });
    expect((await submit("default", { command: "true", args: [] })).headers["idempotency-replayed"]).toBe(
      "true",
    );
  });

  it("of one owner answers no other, in whichever order they come, and not the administrator either", async () => {
    const callers = ["bob", "ann", "root", "an", "ann-b"] as const;
    const first = await Promise.all(callers.map(async (as) => idOf(await submit("shared", base, as))));
    for (const [index, as] of callers.entries()) {
      const again = await submit("shared", base, as);
      expect(idOf(again)).toBe(first[index]);
      expect(again.headers["idempotency-replayed"]).toBe("true");
    }
    expect(new Set(first).size).toBe(callers.length);
  });
});

function swapped(): JobSpecInput {
  return { ...base, files: { "report.py": base.files["data.bin"], "data.bin": base.files["report.py"] } };
}

it("makes nothing ready for a request that comes again: nothing is started for it, and its slot is free at once", async () => {
  const prepared: string[] = [];
  const held = new Set<string>();
  await using one = await ApiBench.open(({ scheduler }) => ({
    scheduler: {
      ...scheduler,
      reserve: ({ id }) => held.add(id).has(id),
      prepare: ({ id }) => void prepared.push(id),
      release: (id) => void held.delete(id),
    },
  }));
  const send = (as: Caller, headers?: Record<string, string>) =>
    one.call("POST /api/v1/jobs", { as, body: { command: "true" }, ...(headers && { headers }) });
  const ids = [];
  for (let n = 0; n < 5; n += 1) ids.push(idOf(await send("ann", { "idempotency-key": "k" })));
  expect([new Set(ids), prepared, held]).toEqual([
    new Set(ids.slice(0, 1)),
    ids.slice(0, 1),
    new Set(prepared),
  ]);
  const others = [await send("bob", { "idempotency-key": "k" }), await send("ann"), await send("ann")].map(
    idOf,
  );
  expect(prepared).toEqual([...ids.slice(0, 1), ...others]);
});

it("makes nothing ready for a request that came to an earlier server first", async () => {
  await using bench = await openReconcilerBench();
  const started: string[] = [];
  const start: Engine["start"] = (launch, signal) => {
    started.push(launch.id);
    return bench.engine.start(launch, signal);
  };
  const request = {
    caller: sampleCaller(),
    spec: { command: "fake", args: ["exit=0"] },
    idempotencyKey: "k",
  };
  const submit = async ({ context }: { context: Context }): Promise<string> =>
    (await submitJob(context, request)).job.id;
  const before = await bench.open({ start });
  const id = await submit(before);
  await bench.untilState(id, "succeeded");
  await before[Symbol.asyncDispose]();
  await using after = await bench.open({ start });
  expect(await submit(after)).toBe(id);
  expect(started).toEqual([id]);
});
