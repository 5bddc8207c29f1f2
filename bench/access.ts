import { type Permission, resources, verbs } from "@berth/protocol";
import { policyAccess } from "../packages/server/src/auth/policy/policy-access.ts";
import { Policy } from "../packages/server/src/core/access/policy.ts";
import type { Role } from "../packages/server/src/core/access/role.ts";
import type { Caller } from "../packages/server/src/core/caller/caller.ts";
import { type Bench, inTurns } from "./bench.ts";
import type { Row } from "./measure/row.ts";
import { median } from "./measure/statistics.ts";

const ROLES = 1_000;
const BINDINGS = 10_000;
const SUBJECTS = 3_000;
const GROUPS = 50;
const NAMES = 2_000;

/** What deciding adds to a request where an operator has many roles and bindings, against as many look-ups in a `Map`. */
export async function measureAccess({ rounds, scale }: Bench): Promise<Row[]> {
  const requests = Math.ceil(20_000 * scale);
  const access = policyAccess({ policy: largePolicy() });
  const map = new Map(Array.from({ length: ROLES }, (_, n) => [`n${n}`, n]));
  const measured = await inTurns(rounds, {
    floor: async () => {
      let found = 0;
      const began = performance.now();
      for (let n = 0; n < requests; n += 1) found += map.get(`n${n % NAMES}`) ?? 0;
      return perRequest(began, requests + (found < 0 ? 1 : 0));
    },
    berth: async () => {
      const began = performance.now();
      for (let n = 0; n < requests; n += 1) {
        // A caller is made for each request.
        const caller = callerOf(n);
        const permission = permissionOf(n);
        await access.enter(caller, permission).catch(() => undefined);
        await access.allows(caller, permission, { owner: "somebody", called: `n${n % NAMES}` });
      }
      return perRequest(began, requests);
    },
  });
  return [
    {
      what: `Authorising a request: ${ROLES} roles, ${BINDINGS} bindings, ${GROUPS} groups`,
      unit: "us",
      berth: median(measured.berth),
      floor: median(measured.floor),
      goal: { kind: "value", atMost: 50 },
    },
  ];
}

/** Microseconds. */
function perRequest(began: number, requests: number): number {
  return ((performance.now() - began) * 1000) / requests;
}

function permissionOf(n: number): Permission {
  return { resource: resources[n % resources.length] ?? "jobs", verb: verbs[n % verbs.length] ?? "read" };
}

function callerOf(n: number): Caller {
  return {
    principal: { name: `s${n % SUBJECTS}`, roles: ["r1"] },
    groups: Array.from({ length: GROUPS }, (_, k) => `s${(n * 31 + k * 61) % SUBJECTS}`),
    door: "rest",
    credential: { kind: "token", id: "t" },
    address: null,
    requestId: "r",
  };
}

/** Ten rules a role; one of twenty is for all names, the others for five. */
function largePolicy(): Policy {
  const roles = Array.from(
    { length: ROLES },
    (_r, role): Role => ({
      name: `r${role}`,
      rules: Array.from({ length: 10 }, (_u, rule) => ({
        resource: resources[(role + rule) % resources.length] ?? "jobs",
        names:
          (role * 10 + rule) % 20 === 0
            ? ["*"]
            : Array.from({ length: 5 }, (_n, name) => `n${(role * 97 + rule * 13 + name * 389) % NAMES}`),
        verbs: [
          verbs[(role + rule) % verbs.length] ?? "read",
          verbs[(role * 7 + rule) % verbs.length] ?? "read",
        ],
      })),
    }),
  );
  const bindings = Array.from({ length: BINDINGS }, (_b, n) => ({
    id: `b${n}`,
    role: `r${(n * 7) % ROLES}`,
    kind: n % 2 === 0 ? ("user" as const) : ("group" as const),
    subject: `s${(n * 17) % SUBJECTS}`,
  }));
  return new Policy({ roles, bindings });
}
