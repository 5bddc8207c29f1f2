import type { ExportAuditQuery } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { keyOf } from "../../../core/caller/principal.ts";
import { shownRecord } from "../../../core/audit/shown-record.ts";
import type { Context } from "../../../operations/context.ts";
import { cutAudit } from "../../../operations/access/audit/cut-audit.ts";
import { exportAudit } from "../../../operations/access/audit/export-audit.ts";
import { listAudit } from "../../../operations/access/audit/list-audit.ts";
import { verifyAudit } from "../../../operations/access/audit/verify-audit.ts";
import type { Events } from "../../../telemetry/events.ts";
import { midStreamFailure } from "../errors.ts";
import { addOperation } from "../operation-route.ts";
import type { OpenAnswers } from "../streams/open-answers.ts";
import { type Piece, sendStream } from "../streams/send-stream.ts";
import { decodePosition, encodePosition } from "../input/audit-position.ts";

export function addAudit(
  app: FastifyInstance,
  { context, openAnswers, events }: { context: Context; openAnswers: OpenAnswers; events: Events },
): void {
  addOperation(app, "listAudit", async ({ caller, query: { limit, cursor = null, ...query } }) => {
    const filter = { ...filterOf(query), limit, cursor };
    const { items, next } = await listAudit(context, { caller, filter });
    return { items: items.map(shownRecord), next };
  });

  addOperation(app, "verifyAudit", async ({ caller, query: { cursor } }) => {
    const from = cursor === undefined ? null : decodePosition(cursor);
    const { problems, next, ...counts } = await verifyAudit(context, { caller, from });
    return {
      ...counts,
      problems: problems.map(({ kind, chain, seq, message }) => ({ kind, chain, block: seq, message })),
      next: next === null ? null : encodePosition(next),
    };
  });

  addOperation(app, "cutAudit", async ({ caller, body: { before } }) => {
    const cuts = await cutAudit(context, { caller, before: Date.parse(before) });
    return { cuts: cuts.map(({ chain, seq }) => ({ chain, block: seq })) };
  });

  addOperation(app, "exportAudit", async ({ caller, query, request, reply }) => {
    const signal = openAnswers.streamOf(reply.raw, caller);
    const pages = await exportAudit(context, { caller, filter: filterOf(query), signal });
    await sendStream(reply, lines(pages), {
      contentType: "application/x-ndjson",
      signal,
      turn: () => context.turns.pass(keyOf(caller.principal)),
      eager: false,
      onError: (error) => events.requestFailed(midStreamFailure(request, error)),
    });
  });
}

type Stored = Awaited<ReturnType<typeof listAudit>>["items"][number];

async function* lines(pages: AsyncIterable<Stored[]>): AsyncGenerator<Piece, void> {
  for await (const page of pages)
    yield () => page.map((record) => `${JSON.stringify(shownRecord(record))}\n`).join("");
}

function filterOf(query: ExportAuditQuery) {
  const { account, door, verb, resource, name, outcome, requestId, address, since, until } = query;
  return {
    account: account ?? null,
    door: door ?? null,
    verb: verb ?? null,
    resource: resource ?? null,
    name: name ?? null,
    outcome: outcome ?? null,
    requestId: requestId ?? null,
    address: address ?? null,
    since: since === undefined ? null : Date.parse(since),
    until: until === undefined ? null : Date.parse(until),
  };
}
