import type { FastifyInstance } from "fastify";
import { viewEvent } from "../../../core/job/job-view.ts";
import { keyOf } from "../../../core/caller/principal.ts";
import type { Context } from "../../../operations/context.ts";
import { watchJob } from "../../../operations/jobs/watch-job.ts";
import type { Events } from "../../../telemetry/events.ts";
import { midStreamFailure } from "../errors.ts";
import { addOperation } from "../operation-route.ts";
import { negotiate } from "../streams/accept.ts";
import type { OpenAnswers } from "../streams/open-answers.ts";
import { type Piece, sendStream } from "../streams/send-stream.ts";
import { lastEventId, sseEvent, sseHeartbeat, sseType } from "../streams/sse.ts";

/** A job's events as they happen; the stream ends after the terminal one. */
export function addEvents(
  app: FastifyInstance,
  { context, openAnswers, events }: { context: Context; openAnswers: OpenAnswers; events: Events },
): void {
  addOperation(app, "watchJob", async ({ caller, params: { id }, request, reply }) => {
    const contentType = negotiate(request.headers.accept, [sseType]);
    const signal = openAnswers.streamOf(reply.raw, caller);
    const happenings = await watchJob(context, {
      caller,
      id,
      afterSeq: lastEventId(request) ?? 0,
      signal,
    });
    await sendStream(reply, encode(happenings), {
      contentType,
      signal,
      turn: () => context.turns.pass(keyOf(caller.principal)),
      eager: true,
      onError: (error) => events.requestFailed(midStreamFailure(request, error)),
      heartbeat: sseHeartbeat,
    });
  });
}

async function* encode(happenings: Awaited<ReturnType<typeof watchJob>>): AsyncGenerator<Piece> {
  for await (const event of happenings) {
    yield () => sseEvent({ id: event.seq, event: event.type, json: JSON.stringify(viewEvent(event)) });
  }
}
