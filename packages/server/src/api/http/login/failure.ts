import { errorCatalog, isBerthError } from "@berth/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Events } from "../../../telemetry/events.ts";
import { judgeFailure } from "../errors.ts";
import { html, type Html, sendPage } from "./page.ts";

/** What went wrong, for people: what they cannot do, why, and what helps. */
export interface Failure {
  status: number;
  words: Html;
  isWrongLogin: boolean;
}

/** What people can be told on the page that they came from; null for a request that is none of that page's. */
export function failureOf(error: unknown): Failure | null {
  if (!isBerthError(error) || ["CROSS_SITE", "MEDIA_TYPE_UNSUPPORTED", "INTERNAL"].includes(error.code))
    return null;
  const { status } = errorCatalog[error.code];
  return { status, words: inWords(error), isWrongLogin: error.code === "UNAUTHENTICATED" };
}

/** What has the focus first, so that whoever reads with a voice hears it, and the keyboard goes on from there. */
function inWords({ message, fix }: { message: string; fix: string }): Html {
  return html`<div class="error" id="error" role="alert" tabindex="-1" autofocus><p>${withCode(message)}.</p><p>${withCode(fix)}.</p></div>`;
}

/** What stands between backticks is typed somewhere. */
function withCode(text: string): Html[] {
  return text.split("`").map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
}

/** Answers with a page instead of JSON. */
export function failWith(
  events: Pick<Events, "requestFailed">,
): (error: unknown, request: FastifyRequest, reply: FastifyReply) => void {
  return (error, request, reply) => {
    const { shown, status } = judgeFailure(error, { request, reply, events });
    const body = html`${inWords(shown)}<p><a class="way" href="/login">To the login</a></p>
<p class="hint">Request ${request.id}</p>`;
    sendPage(reply, { status, title: "This did not work", body, hasFailed: true });
  };
}
