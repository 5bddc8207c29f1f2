import { randomUUID } from "node:crypto";
import type { Permission } from "@berth/protocol";
import { ExecutorService } from "@berth/protocol/executor";
import { type ServiceError, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withWriteGroups } from "../../src/auth/policy/write-groups.ts";
import { builtInRoles } from "../../src/core/access/built-in-roles.ts";
import { createManualClock } from "../../src/lib/manual-clock.ts";
import { clientTtlMs, issueClient } from "../../src/pki/issue.ts";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import { type ExecutorClient, executorClient } from "../support/executor-client.ts";
import { expectedRights, verbOf } from "../support/expected-rights.ts";

type Name = keyof typeof ExecutorService.method;
interface Row {
  asks: readonly [letter: keyof typeof verbOf, resource: Permission["resource"]];
  /** What it is asked about; absent where it has no object. */
  ofJob?: true;
  request?: object;
}

/** By hand: what each call is. A new one has no place here: that does not compile, and fails. */
const asked: Readonly<Record<Name, Row>> = {
  executeCommand: { asks: ["C", "jobs"], request: { command: "true" } },
  stopExecution: { asks: ["S", "jobs"], ofJob: true },
  extendExecution: { asks: ["U", "jobs"], ofJob: true, request: { by: "1s" } },
  getExecution: { asks: ["R", "jobs"], ofJob: true },
  getOutStream: { asks: ["R", "jobs"], ofJob: true },
  watchExecution: { asks: ["R", "jobs"], ofJob: true },
  listAllExecutions: { asks: ["L", "jobs"] },
  listExecutions: { asks: ["L", "jobs"] },
};
const calls = Object.entries(asked) as [Name, Row][];
const roles = builtInRoles.map(({ name }) => name);

/** What the door has asked for before it read a request. */
const entered: Permission[] = [];
/** Whose members alone may change something, where a test says so. */
let writers: readonly string[] | null = null;
let bench: ExecutorBench;
beforeAll(async () => {
  bench = await openExecutorBench(({ access }) => ({
    access: {
      ...access,
      enter: async (caller, permission) => {
        entered.push(permission);
        const bounded =
          caller.door === "rest" || writers === null ? access : withWriteGroups(access, writers);
        return bounded.enter(caller, permission);
      },
    },
  }));
  for (const role of roles) await must("POST /api/v1/users", { name: `w-${role}`, roles: [role] });
  for (const name of ["locked", "deleted"]) await must("POST /api/v1/users", { name, roles: ["admin"] });
  await must("POST /api/v1/users/locked/lock");
  await must("DELETE /api/v1/users/deleted");
});
afterAll(() => bench[Symbol.asyncDispose]());

async function must(request: string, body?: object): Promise<void> {
  const { status: answered } = await bench.api.call(request, { as: "root", body });
  expect([request, answered < 300]).toEqual([request, true]);
}

/** The code with which a call ends; OK too for a stream from which something came. */
async function codeOf(
  client: ExecutorClient,
  [name, { ofJob, request }]: [Name, Row],
  owner = "foreign",
): Promise<number> {
  const id = ofJob === true ? (await bench.api.jobOf("succeeded", { owner })).id : randomUUID();
  const message = { ...(ofJob === true && { executionId: { value: id } }), ...request };
  try {
    if (ExecutorService.method[name].methodKind === "unary")
      await client.call(name as "getExecution", message);
    else for await (const _ of client.open(name as "watchExecution", message)) break;
    return status.OK;
  } catch (error) {
    return (error as ServiceError).code;
  }
}

describe("ABUSE 28: every call", () => {
  it("is in the table by hand", () => {
    expect(calls.map(([name]) => name).toSorted()).toEqual(Object.keys(ExecutorService.method).toSorted());
  });

  it("asks, before anything is read, for what the table says", async () => {
    const client = await bench.client("w-admin");
    for (const call of calls) {
      entered.length = 0;
      await codeOf(client, call);
      const { asks } = call[1];
      expect([call[0], entered[0]]).toEqual([call[0], { resource: asks[1], verb: verbOf[asks[0]] }]);
    }
  });

  it("turns away who shows no certificate, or one that is over", async () => {
    const { pki, port } = bench;
    const past = { ...pki, clock: createManualClock(Date.now() - 2 * clientTtlMs) };
    const pair = await issueClient(past, { principal: "w-admin", key: "ec-p256" });
    for (const shown of [{}, { pair }]) {
      using client = executorClient(port, { roots: pki.ca.roots, ...shown });
      for (const call of calls) expect([call[0], await codeOf(client, call)]).toEqual([call[0], 14]);
    }
  });

  it.each(["locked", "deleted", "revoked"])("turns away who is %s", async (who) => {
    const client = await bench.client(who);
    if (who === "revoked") await bench.revocations.revoke(client.pair.record.serial);
    for (const call of calls)
      expect([call[0], await codeOf(client, call)]).toEqual([call[0], status.UNAUTHENTICATED]);
  });

  describe.each(roles)("lets %s do what the table says", (role) => {
    it.each(["own", "foreign"])("to what is %s", async (whose) => {
      const client = await bench.client(`w-${role}`);
      for (const call of calls) {
        const [name, { asks, ofJob }] = call;
        const rights = expectedRights[role]?.[asks[1]] ?? "";
        const mine = whose === "own" || ofJob !== true;
        const wanted = rights.includes(asks[0]) || (mine && rights.includes(asks[0].toLowerCase()));
        const code = await codeOf(client, call, whose === "own" ? `w-${role}` : "foreign");
        const isRefused = code === status.PERMISSION_DENIED || (ofJob === true && code === status.NOT_FOUND);
        expect([name, whose, code, !isRefused]).toEqual([name, whose, code, wanted]);
        expect(code).not.toBe(status.UNKNOWN);
      }
    });
  });
});

it("changes nothing for an administrator who is in no group that may, where groups say so", async () => {
  const client = await bench.client("w-admin");
  writers = ["Writers"];
  const refused = calls.filter(([, { asks }]) => !"RL".includes(asks[0])).map(([name]) => name);
  const seen: Name[] = [];
  for (const call of calls) if ((await codeOf(client, call)) === status.PERMISSION_DENIED) seen.push(call[0]);
  expect(seen).toEqual(refused);
  await must("POST /api/v1/groups", { name: "writers" });
  await must("PUT /api/v1/groups/writers/members/w-admin");
  for (const call of calls) expect(await codeOf(client, call)).not.toBe(status.PERMISSION_DENIED);
});
