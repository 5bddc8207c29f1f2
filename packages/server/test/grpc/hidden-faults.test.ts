import { once } from "node:events";
import { inspect } from "node:util";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Context } from "../../src/operations/context.ts";
import { detailsOf, failure } from "../support/call-failure.ts";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";

const inside = "ENOENT: no such file or directory, open '/var/lib/berth/pki/authority.json'";
const unknown = { executionId: { value: "01890000-0000-7000-8000-000000000000" } };

let bench: ExecutorBench;
beforeEach(async () => {
  bench = await openExecutorBench(({ store }) => ({ store: { ...store, jobs: failing(store.jobs) } }));
});
afterEach(() => bench[Symbol.asyncDispose]());

function failing(jobs: Context["store"]["jobs"]): Context["store"]["jobs"] {
  const fail = (): Promise<never> => Promise.reject(new Error(inside));
  return new Proxy(jobs, {
    get(target, name) {
      if (name === "get" || name === "list" || name === "insert") return fail;
      return Reflect.get(target, name) as unknown;
    },
  });
}

it("says INTERNAL to the client and nothing of what failed, and tells the log all of it", async () => {
  const ann = await bench.client("ann");
  const ends = [
    await failure(ann.call("getExecution", unknown)),
    await failure(ann.call("listAllExecutions", {})),
    await failure(ann.call("executeCommand", { command: "true" })),
    await failure(once(ann.open("getOutStream", unknown), "end")),
    await failure(once(ann.open("watchExecution", unknown), "end")),
  ];
  for (const end of ends) {
    expect(end).toMatchObject({ code: status.INTERNAL, details: "Cannot answer: the server failed" });
    expect(detailsOf(end).reason).toBe("INTERNAL");
    const sent = inspect([end.message, end.details, end.metadata.toJSON()], { depth: 9 });
    expect(sent + String(end.metadata.get("grpc-status-details-bin")[0])).not.toMatch(/ENOENT|authority/);
  }
  expect(bench.failures.map(({ error }) => String(error))).toEqual(ends.map(() => `Error: ${inside}`));
});
