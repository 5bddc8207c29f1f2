import { randomBytes } from "node:crypto";
import { BerthError } from "@berth/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { beginCodeLogin } from "../../../operations/sessions/begin-code-login.ts";
import { finishCodeLogin } from "../../../operations/sessions/finish-code-login.ts";
import { agentOf, anonymous } from "../auth.ts";
import { keepCookie, mayKeep, readCookie } from "../cookies/cookies.ts";
import { demandVisit, isFromElsewhere } from "../cookies/own-pages.ts";
import { inTheClearPage } from "./login-page.ts";
import { loginPath, queryOf, readNext, SEE_OTHER } from "./next-path.ts";
import { sendPage } from "./page.ts";
import { keepLogin, type RoutesOfPeople, type Visit, type Ways } from "./people.ts";

const ATTEMPT = /^[\w-]{43}$/;
/** As long as an attempt itself. */
const ATTEMPT_S = 600;

/** Where a browser leaves for an issuer and comes back: links, so that no form has to lead anywhere else. */
export function addOidc(app: FastifyInstance, ways: Ways, { reads }: RoutesOfPeople): void {
  const goes = { ...reads, exposeHeadRoute: false };
  app.get("/login/oidc/:issuer", goes, (request, reply) => leave(ways, { request, reply }));
  app.get("/login/oidc/:issuer/callback", goes, (request, reply) => comeBack(ways, { request, reply }));
}

async function leave({ context }: Ways, { request, reply }: Visit): Promise<FastifyReply> {
  if (!mayKeep(request.arrival)) return sendPage(reply, inTheClearPage());
  demandVisit(request);
  const next = readNext(queryOf(request, "next"));
  // A link of somebody else's decides neither that a login begins here, nor that the one that is kept ends: a click on our page does.
  if (isFromElsewhere(request)) return reply.redirect(loginPath(next), SEE_OTHER);
  const provider = issuerOf(request);
  const kept = readCookie(request, "attempt");
  const browser = kept !== null && ATTEMPT.test(kept) ? kept : randomBytes(32).toString("base64url");
  const redirectUri = callbackOf(request, provider);
  const caller = anonymous(request);
  const page = await beginCodeLogin(context, { caller, provider, redirectUri, browser, next });
  keepCookie(reply, "attempt", { value: browser, maxAgeS: ATTEMPT_S });
  return reply.redirect(page, SEE_OTHER);
}

async function comeBack(ways: Ways, visit: Visit): Promise<FastifyReply> {
  const { request, reply } = visit;
  demandVisit(request);
  const { text, next } = await finishCodeLogin(ways.context, {
    caller: anonymous(request),
    provider: issuerOf(request),
    query: new URLSearchParams(request.url.split("?")[1] ?? ""),
    browser: readCookie(request, "attempt"),
    agent: agentOf(request),
  });
  await keepLogin(ways, visit, text);
  return reply.redirect(next, SEE_OTHER);
}

function issuerOf({ params }: FastifyRequest): string {
  return (params as { issuer: string }).issuer;
}

/** At the name by which the browser has come, which is one of ours. */
function callbackOf({ arrival: { isSecure, host } }: FastifyRequest, issuer: string): string {
  const own = `${isSecure ? "https" : "http"}://${host ?? ""}`;
  if (!URL.canParse(own))
    throw new BerthError(
      "REQUEST_INVALID",
      "Cannot read the request: it does not say to which host it was sent",
    );
  return new URL(`/login/oidc/${encodeURIComponent(issuer)}/callback`, own).href;
}
