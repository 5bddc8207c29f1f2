import { operations, secretKey } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Caller } from "../../../core/caller/caller.ts";
import { findDefinition } from "../../../operations/tasks/definitions/find-definition.ts";
import { updateDefinition } from "../../../operations/tasks/definitions/update-definition.ts";
import { addKritenRoute, type KritenDoor } from "../kriten-route.ts";
import { missingAs } from "../refusal.ts";
import { changeSecret, dropSecret, keysOf, secretOf, useOf } from "../runner-secrets.ts";
import { masked } from "../shape/runner.ts";

const kind = "runner";
const path = "/runners/:runner/secret";
const values = z.record(secretKey, z.string());
const none = "secret not found";
/** Kriten asks for the right to change a runner, also of who only looks at what it has. */
const { permission } = operations.updateRunner;

/** What the jobs of a runner are given, by itself. */
export function addKritenRunnerSecrets(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const demand = (caller: Caller, name: string) =>
    findDefinition(context, { caller, kind, name }, permission);

  addKritenRoute(app, door, { methods: ["GET"], path, permission }, ({ caller, param }) =>
    missingAs(none, async () => {
      const name = param("runner");
      await demand(caller, name);
      const keys = await keysOf(context, { caller, name: secretOf(name) });
      return keys === null ? { msg: none } : masked(keys);
    }),
  );

  addKritenRoute(app, door, { methods: ["POST", "PUT"], path, permission }, ({ caller, param, body }) =>
    missingAs(none, async () => {
      const name = param("runner");
      await demand(caller, name);
      const asked = { caller, name: secretOf(name), values: body(values) };
      return masked(
        await changeSecret(context, asked, (keys) => {
          const secrets = keys.length === 0 ? null : useOf(secretOf(name), keys);
          return updateDefinition(context, { caller, kind, name, seen: null, patch: { secrets } });
        }),
      );
    }),
  );

  addKritenRoute(app, door, { methods: ["DELETE"], path, permission }, ({ caller, param }) =>
    missingAs(none, async () => {
      const name = param("runner");
      await demand(caller, name);
      await updateDefinition(context, { caller, kind, name, seen: null, patch: { secrets: null } });
      await dropSecret(context, { caller, name: secretOf(name) });
      return { msg: "secret deleted successfully" };
    }),
  );
}
