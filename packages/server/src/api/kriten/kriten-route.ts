import { isBerthError, type Permission } from "@berth/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Caller } from "../../core/caller/caller.ts";
import { check, requestInvalid } from "../../core/input/check.ts";
import { onLoop } from "../../lib/on-loop.ts";
import type { Context } from "../../operations/context.ts";
import type { Events } from "../../telemetry/events.ts";
import { anonymous, callerOf } from "../http/auth.ts";
import { parseJsonBody } from "../http/input/json-body.ts";
import { JsonText } from "../http/json/json-text.ts";
import type { OpenAnswers } from "../http/streams/open-answers.ts";
import { shownCredential } from "./credential.ts";
import { answerRefusal } from "./refusal.ts";

/** What the routes of this door work with. */
export interface KritenDoor {
  context: Context;
  openAnswers: OpenAnswers;
  events: Pick<Events, "requestFailed">;
  /** What becomes of the images that runners name: asked of the engine, or passed over. */
  images: "refuse" | "ignore";
  /** Of pages of other sites that may use this door. */
  origins: readonly string[];
}

export interface KritenCall {
  caller: Caller;
  /** What stands for a name in the path. */
  param: (name: string) => string;
  query: Readonly<Record<string, unknown>>;
  /** As it came. */
  bytes: Uint8Array;
  /** The body by this schema, whatever else is in it: Kriten reads JSON however it is called. Throws REQUEST_INVALID. */
  body: <Schema extends z.ZodType>(schema: Schema) => z.output<Schema>;
  request: FastifyRequest;
  reply: FastifyReply;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Below which all of Kriten's paths are. */
const BASE = "/kriten/api/v1";
const USUAL_BODY = 512 * 2 ** 10;

export interface KritenRoute {
  methods: readonly Method[];
  path: string;
  /** null opens it to everybody. */
  permission: Permission | null;
  /** Whoever may see nothing of it has an empty list, as at Kriten, and no refusal. */
  isNarrowed?: boolean;
  /** Bytes. Default 512 KiB. */
  most?: number;
  /** What proves who asks. Default: a header, else the cookie. */
  credential?: (request: FastifyRequest) => string | undefined;
}

/** Binds a path of Kriten's to its handler, which returns the answer, or has answered itself. */
export function addKritenRoute(
  app: FastifyInstance,
  { events }: Pick<KritenDoor, "events">,
  {
    methods,
    path,
    permission,
    isNarrowed = false,
    most = USUAL_BODY,
    credential = shownCredential,
  }: KritenRoute,
  handle: (call: KritenCall) => Promise<unknown>,
): void {
  app.route({
    method: [...methods],
    url: `${BASE}${path}`,
    config: { permission, rawBody: true, credential, answersOthers: true },
    bodyLimit: most,
    exposeHeadRoute: false,
    errorHandler(error, request, reply) {
      if (isNarrowed && isBerthError(error) && error.code === "FORBIDDEN")
        return void reply.code(200).send(listed(reply, []));
      answerRefusal(error, { request, reply, events });
    },
    handler: async (request, reply) => {
      const answer = await onLoop(`kriten ${path}`, () => handle(callOf(request, reply, permission)));
      if (reply.sent) return reply;
      const text = answer instanceof JsonText ? answer : new JsonText(JSON.stringify(answer));
      return reply.code(200).type("application/json; charset=utf-8").send(text.body());
    },
  });
}

function callOf(request: FastifyRequest, reply: FastifyReply, permission: Permission | null): KritenCall {
  const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const params = request.params as Readonly<Record<string, string | undefined>>;
  return {
    caller: permission === null ? anonymous(request) : callerOf(request),
    param: (name) => params[name] ?? "",
    query: request.query as Readonly<Record<string, unknown>>,
    bytes,
    body(schema) {
      const checked = check(schema, parseJsonBody(Buffer.from(bytes)) ?? {});
      if ("problems" in checked) throw requestInvalid(checked.problems);
      return checked.value;
    },
    request,
    reply,
  };
}

/** A list, with how many there are as Kriten tells it. */
export function listed(reply: FastifyReply, rows: readonly unknown[]): readonly unknown[] {
  reply.header("content-range", String(rows.length));
  return rows;
}
