import { setImmediate as nextTurn } from "node:timers/promises";
import {
  applyBounds,
  definitionBounds,
  webhookBounds,
  operations,
  type Operation,
  type OperationName,
  type Problem,
} from "@berth/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Caller } from "../../core/caller/caller.ts";
import { check, requestInvalid } from "../../core/input/check.ts";
import { ReadSpec } from "../../core/input/read-spec.ts";
import { onLoop } from "../../lib/on-loop.ts";
import { anonymous, callerOf } from "./auth.ts";
import { type PathParams, pathReader } from "./input/path-params.ts";
import { JsonText } from "./json/json-text.ts";

/** One validated request for an operation of the contract. */
export interface Call<Name extends OperationName> {
  caller: Caller;
  /** What stands for the names in braces of the path. */
  params: PathParams<(typeof operations)[Name]["path"]>;
  /** What stands for `*` in the path. */
  rest: string;
  query: Part<Name, "query">;
  body: Body<Name>;
  request: FastifyRequest;
  reply: FastifyReply;
}

type Part<Name extends OperationName, Key extends "query" | "body"> = (typeof operations)[Name] extends {
  [K in Key]: infer Schema extends z.ZodType;
}
  ? z.output<Schema>
  : undefined;

/** A large spec was read elsewhere. */
type Body<Name extends OperationName> =
  | Part<Name, "body">
  | (Name extends "submitJob" | "checkJob" ? ReadSpec : never);

/** Most routes take a few words; a submit takes 10 MiB of files, which JSON makes longer. */
const SMALL_BODY = 64 * 2 ** 10;
const SUBMIT_BODY = 24 * 2 ** 20;
const LARGE_BODY = 2 ** 20;
/** A thousand names and as many addresses. */
const NETWORK_BODY = 512 * 2 ** 10;
/** 256 KiB of bytes, escaped or as base64. */
const SECRET_BODY = 2 * 2 ** 20;

const bodyLimits: Partial<Record<OperationName, number>> = {
  submitJob: SUBMIT_BODY,
  checkJob: SUBMIT_BODY,
  createNetwork: NETWORK_BODY,
  updateNetwork: NETWORK_BODY,
  createSecret: SECRET_BODY,
  updateSecret: SECRET_BODY,
  createTask: NETWORK_BODY,
  updateTask: NETWORK_BODY,
  applyDefinitions: applyBounds.body,
  runTask: definitionBounds.input,
  runWebhook: webhookBounds.body,
};

/** Their bodies are no JSON, and are read by the operation itself. */
const streamed: ReadonlySet<OperationName> = new Set(["createUpload", "appendUpload"]);

/** What their bodies are is the operation's to say: they come as bytes, whatever they are called. */
const raw: ReadonlySet<OperationName> = new Set(["runTask", "runWebhook"]);

/**
 * Binds an operation of the contract to its handler, which returns the body of the answer, or has answered itself
 * (a stream) when it is done. Method, path, permission, schemas and status come from the contract.
 */
export function addOperation<Name extends OperationName>(
  app: FastifyInstance,
  name: Name,
  handle: (call: Call<Name>) => Promise<unknown>,
): void {
  const operation: Operation = operations[name];
  const { status, body } = operation.success;
  const named = `${operation.method} ${operation.path}`;
  const readParams = pathReader(operation);
  app.route({
    method: operation.method,
    url: operation.path.replace(/\{(\w+)\}/g, ":$1"),
    config: { permission: operation.permission, streamsBody: streamed.has(name), rawBody: raw.has(name) },
    bodyLimit: bodyLimits[name] ?? SMALL_BODY,
    // What answers as a stream has no answer without a body.
    exposeHeadRoute: body !== null,
    handler: async (request, reply) => {
      // It took long to parse: others have their turn before it is checked.
      if (Number(request.headers["content-length"]) > LARGE_BODY) await nextTurn();
      const call = onLoop(`${named}: check`, () =>
        readCall<Name>({ ...operation, readParams }, { request, reply }),
      );
      const answer = await onLoop(named, () => handle(call));
      if (reply.sent) return reply;
      if (answer === undefined) return reply.code(status).send();
      const body = onLoop(`${named}: answer`, () =>
        (answer instanceof JsonText ? answer : new JsonText(JSON.stringify(answer))).body(),
      );
      return reply.code(status).type("application/json; charset=utf-8").send(body);
    },
  });
}

/**
 * By hand and not by fastify-type-provider-zod, which checks query and body one after the other, in the loop: here all that
 * is wrong is told at once, and a large body comes checked from a thread.
 */
function readCall<Name extends OperationName>(
  { readParams, ...operation }: Operation & { readParams: ReturnType<typeof pathReader> },
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Call<Name> {
  const params = readParams(request.params);
  const problems: Problem[] = [];
  const read = (schema: z.ZodType | undefined, value: unknown, prefix: string): unknown => {
    if (!schema) return undefined;
    const checked = check(schema, value, { prefix });
    if ("value" in checked) return checked.value;
    problems.push(...checked.problems);
    return undefined;
  };
  const query = read(operation.query, request.query, "query");
  const body = request.body instanceof ReadSpec ? request.body : read(operation.body, request.body ?? {}, "");
  if (problems.length > 0) throw requestInvalid(problems);
  return {
    caller: operation.permission === null ? anonymous(request) : callerOf(request),
    params: params as Call<Name>["params"],
    rest: (request.params as { "*"?: string })["*"] ?? "",
    query: query as Part<Name, "query">,
    body: body as Body<Name>,
    request,
    reply,
  };
}
