import { BerthError } from "@berth/protocol";
import type { FastifyInstance, FastifyReply } from "fastify";
import { changePassword } from "../../../operations/sessions/change-password.ts";
import { agentOf } from "../auth.ts";
import { replaceSession } from "../cookies/cookies.ts";
import { type Failure, failureOf } from "./failure.ts";
import { formToken, readForm } from "./forms.ts";
import { loginPath, queryOf, readNext, SEE_OTHER } from "./next-path.ts";
import { sendPage } from "./page.ts";
import { passwordPage } from "./password-page.ts";
import { type KnownPerson, personOf, type RoutesOfPeople, type Visit, type Ways } from "./people.ts";

const PATH = "/login/password";

/** Where somebody chooses another password. */
export function addPassword(app: FastifyInstance, ways: Ways, { reads, takes }: RoutesOfPeople): void {
  app.get(PATH, reads, async (request, reply) => {
    const visit = { request, reply };
    const next = readNext(queryOf(request, "next"));
    const person = await personOf(ways, visit);
    if (person === null) return reply.redirect(loginPath(PATH), SEE_OTHER);
    return ask(visit, { person, next, failure: null });
  });
  app.post(PATH, takes, (request, reply) => takePassword(ways, { request, reply }));
}

async function takePassword(ways: Ways, visit: Visit): Promise<FastifyReply> {
  const { request, reply } = visit;
  const field = readForm(request);
  const next = readNext(field("next"));
  const person = await personOf(ways, visit);
  if (person === null) return reply.redirect(loginPath(PATH), SEE_OTHER);
  try {
    const password = field("password");
    if (password !== field("again")) throw differ();
    const { caller } = person;
    const asked = { caller, current: field("current"), password, agent: agentOf(request) };
    const { renewed } = await changePassword(ways.context, asked);
    if (renewed !== null) replaceSession(reply, renewed);
    return await reply.redirect(next, SEE_OTHER);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return ask(visit, { person, next, failure });
  }
}

function ask(
  { request, reply }: Visit,
  { person, next, failure }: { person: KnownPerson; next: string; failure: Failure | null },
): FastifyReply {
  const { name, mustChange } = person;
  return sendPage(reply, passwordPage({ token: formToken(request, reply), next, name, mustChange, failure }));
}

function differ(): BerthError {
  return new BerthError("REQUEST_INVALID", "Cannot choose this password: it was not typed the same twice", {
    fix: "Type the new password again, both times",
  });
}
