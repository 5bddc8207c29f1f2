import {
  isBerthError,
  definedName,
  operations,
  type RunnerSpec,
  runnerSpec,
  secretKey,
  secretMask,
} from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../../operations/context.ts";
import { createDefinition } from "../../../operations/tasks/definitions/create-definition.ts";
import { deleteDefinition } from "../../../operations/tasks/definitions/delete-definition.ts";
import { findDefinition, type Known } from "../../../operations/tasks/definitions/find-definition.ts";
import { getDefinition } from "../../../operations/tasks/definitions/get-definition.ts";
import { specOf as checkedSpec } from "../../../operations/tasks/definitions/kinds.ts";
import { updateDefinition } from "../../../operations/tasks/definitions/update-definition.ts";
import { allDefinitions, showAll } from "../all-definitions.ts";
import { addKritenRoute, type KritenDoor, listed } from "../kriten-route.ts";
import { missingAs, Refusal, saying } from "../refusal.ts";
import {
  changeSecret,
  dropSecret,
  keysOf,
  makeSecret,
  secretOf,
  TOKEN_KEY,
  tokenOf,
  useOf,
} from "../runner-secrets.ts";
import { noteOfImage, placeOf, runnerRow, shownRunner, USUAL_BRANCH } from "../shape/runner.ts";

const kind = "runner";
const values = z.record(secretKey, z.string());
const body = z.object({
  name: definedName,
  image: runnerSpec.shape.image.unwrap(),
  gitURL: runnerSpec.shape.url.unwrap(),
  token: z.string().max(4096).optional(),
  branch: runnerSpec.shape.ref.or(z.literal("")),
  secret: values.nullish(),
});
type Said = z.output<typeof body>;

const exists = { status: 409, error: "runner already exists, please use a different name" };
const missing = { error: "runner doesn't exist" };

export function addKritenRunners(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { listRunners, getRunner } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/runners", permission: listRunners.permission, isNarrowed: true },
    async ({ caller, reply }) => listed(reply, await showAll(context, { caller, kind }, runnerRow)),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/runners/:runner", permission: getRunner.permission },
    ({ caller, param }) =>
      missingAs("runner not found", async () => {
        const name = param("runner");
        const found = await getDefinition(context, { caller, kind, name });
        return shownRunner(found, (await keysOf(context, { caller, name: secretOf(name) })) ?? []);
      }),
  );
  addWrites(app, door);
}

function addWrites(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { createRunner, updateRunner, deleteRunner } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["POST", "PUT"], path: "/runners", permission: createRunner.permission },
    ({ caller, ...call }) => create(door, { caller, said: call.body(body) }),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["PATCH", "PUT"], path: "/runners/:runner", permission: updateRunner.permission },
    ({ caller, param, ...call }) =>
      update(door, { caller, said: { ...call.body(body.omit({ name: true })), name: param("runner") } }),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["DELETE"], path: "/runners/:runner", permission: deleteRunner.permission },
    async ({ caller, param }) => {
      const name = param("runner");
      try {
        await deleteDefinition(context, { caller, kind, name });
      } catch (error) {
        if (!isBerthError(error)) throw error;
        if (error.code === "RUNNER_NOT_FOUND") throw new Refusal(error.code, { status: 409, ...missing });
        if (error.code !== "RUNNER_IN_USE") throw error;
        throw new Refusal(error.code, { status: 502, error: await boundBy(context, { caller, name }) });
      }
      for (const secret of [secretOf(name), tokenOf(name)])
        await dropSecret(context, { caller, name: secret });
      return { msg: "runner deleted successfully" };
    },
  );
}

interface Asked {
  caller: Caller;
  said: Said;
}

async function create(door: KritenDoor, { caller, said }: Asked): Promise<unknown> {
  const { context } = door;
  const { name } = said;
  if (await isSeen(context, { caller, name })) throw new Refusal("RUNNER_EXISTS", exists);
  const token = said.token === undefined ? {} : { [TOKEN_KEY]: said.token };
  const made: string[] = [];
  const make = async (
    secret: string,
    given: Readonly<Record<string, string>>,
  ): Promise<readonly string[]> => {
    const keys = await makeSecret(context, { caller, name: secret, values: given });
    if (keys.length > 0) made.push(secret);
    return keys;
  };
  try {
    const keys = await make(secretOf(name), said.secret ?? {});
    const hasToken = (await make(tokenOf(name), token)).length > 0;
    const secrets = useOf(secretOf(name), keys);
    const spec: RunnerSpec = {
      ...specOf(door, said),
      ...(secrets.length > 0 && { secrets }),
      ...(hasToken && { credentials: credentialsOf(said) }),
    };
    const created = await saying(
      createDefinition(context, { caller, kind, name, spec: checkedSpec(kind, spec) }),
      {
        RUNNER_EXISTS: exists,
      },
    );
    return shownRunner(created, keys);
  } catch (error) {
    for (const secret of made) await dropSecret(context, { caller, name: secret });
    throw error;
  }
}

async function update(door: KritenDoor, { caller, said }: Asked): Promise<unknown> {
  const { context } = door;
  const { name, token } = said;
  const refusals = { RUNNER_NOT_FOUND: { status: 404, ...missing } };
  const patched = (patch: object): Promise<Known<"runner">> =>
    saying(updateDefinition(context, { caller, kind, name, seen: null, patch }), refusals);
  // Whether there is one, and whether the caller may change it, is said before any secret of it is touched.
  const { permission } = operations.updateRunner;
  const before = await saying(findDefinition(context, { caller, kind, name }, permission), refusals);
  const hasToken = before.spec.credentials !== undefined;
  const found = await patched({
    ...specOf(door, said),
    ...(hasToken && { credentials: credentialsOf(said) }),
  });
  if (token !== undefined && token !== secretMask) {
    const values = { [TOKEN_KEY]: token };
    await changeSecret(context, { caller, name: tokenOf(name), values }, (keys) =>
      patched({ credentials: keys.length === 0 ? null : credentialsOf(said) }),
    );
  }
  if (said.secret)
    await changeSecret(context, { caller, name: secretOf(name), values: said.secret }, (keys) =>
      patched({ secrets: keys.length === 0 ? null : useOf(secretOf(name), keys) }),
    );
  const now = await getDefinition(context, { caller, kind, name: found.name });
  return shownRunner(now, (await keysOf(context, { caller, name: secretOf(name) })) ?? []);
}

function specOf(
  { images }: Pick<KritenDoor, "images">,
  { image, gitURL, branch }: Pick<Said, "image" | "gitURL" | "branch">,
): RunnerSpec {
  const ref = branch === undefined || branch === "" ? USUAL_BRANCH : branch;
  return { ...(images === "ignore" ? noteOfImage(image) : { image }), url: placeOf(gitURL).url, ref };
}

function credentialsOf({
  name,
  gitURL,
}: Pick<Said, "name" | "gitURL">): NonNullable<RunnerSpec["credentials"]> {
  const { username } = placeOf(gitURL);
  return {
    token: { secret: tokenOf(name), key: TOKEN_KEY },
    ...(username !== undefined && { username }),
  };
}

async function isSeen(
  context: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<boolean> {
  try {
    await getDefinition(context, { caller, kind, name });
    return true;
  } catch (error) {
    if (isBerthError(error) && (error.code === "RUNNER_NOT_FOUND" || error.code === "FORBIDDEN"))
      return false;
    throw error;
  }
}

/** Names the first task of a runner that the caller may see. */
async function boundBy(
  context: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<string> {
  for await (const task of allDefinitions(context, { caller, kind: "task" }))
    if (task.spec.runner === name)
      return `runner is bound with task: ${task.name} , please delete that first`;
  return "runner is bound with a task of somebody else , please delete that first";
}
