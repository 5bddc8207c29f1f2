import type { Readable } from "node:stream";
import { operations } from "@berth/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { keyOf } from "../../../core/caller/principal.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import { Intake, Place } from "../../../lib/turns/intake.ts";
import type { Turns } from "../../../lib/turns/turns.ts";
import { unsupported } from "../errors.ts";
import type { BodyPatience } from "./body-patience.ts";
import { collectBody } from "./collect-body.ts";
import { parseJsonBody } from "./json-body.ts";
import { type bodyReader, isLarge, wholeOf } from "./large-body.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** It is for a form of our own pages, which no other route takes. */
    takesForm?: boolean;
  }
}

/** Their bodies are specs of jobs, which may be large. */
const SPEC_PATHS: ReadonlySet<string> = new Set([operations.submitJob.path, operations.checkJob.path]);

/** What routes are sent: JSON, but for the contents of uploads and the inputs of tasks, whatever they are, and forms where a page has one. */
export function readBodies(
  app: FastifyInstance,
  {
    bodies,
    turns,
    patience,
  }: { bodies: ReturnType<typeof bodyReader>; turns: Pick<Turns, "take">; patience: BodyPatience },
): void {
  const intake = new Intake();

  async function collected(request: FastifyRequest, body: Readable): Promise<Buffer[]> {
    const { headers, routeOptions } = request;
    const { "content-length": length, "content-encoding": encoding } = headers;
    const expected = length === undefined ? null : Number(length);
    const who = whoSends(request);
    using place = new Place(intake, who);
    const wait = async (): Promise<void> => {
      await place.taken();
      await turns.take(who);
    };
    const turn = (): Promise<void> => patience.whileWaiting(request.raw, wait());
    const pieces = await collectBody(body, { limit: routeOptions.bodyLimit, expected, turn });
    if (encoding !== undefined && encoding !== "identity")
      throw unsupported(`content encoding "${encoding}"`);
    return pieces;
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", async (request: FastifyRequest, body: Readable) => {
    const { routeOptions, method } = request;
    if (routeOptions.config.streamsBody === true) return body;
    if (routeOptions.config.takesForm === true) throw unsupported("anything but a form");
    const pieces = await collected(request, body);
    if (routeOptions.config.rawBody === true) return wholeOf(pieces);
    if (SPEC_PATHS.has(routeOptions.url ?? "") && isLarge(pieces))
      return (await bodies.read(pieces, whoSends(request))).spec;
    return onLoop(`${method} ${routeOptions.url}: read`, () => parseJsonBody(wholeOf(pieces)));
  });
  app.addContentTypeParser("*", async (request: FastifyRequest, body: Readable) => {
    const { routeOptions, headers } = request;
    const { "content-type": type = "" } = headers;
    if (routeOptions.config.streamsBody === true) return body;
    if (routeOptions.config.rawBody === true) return wholeOf(await collected(request, body));
    if (routeOptions.config.takesForm !== true || !FORM.test(type))
      throw unsupported(`content type "${type}"`);
    return new URLSearchParams(wholeOf(await collected(request, body)).toString("utf8"));
  });
}

const FORM = /^application\/x-www-form-urlencoded *(;|$)/i;

function whoSends({ caller }: FastifyRequest): string {
  return caller === null ? "" : keyOf(caller.principal);
}
