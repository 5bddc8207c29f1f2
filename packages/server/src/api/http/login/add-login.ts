import type { FastifyInstance, FastifyReply } from "fastify";
import { logIn } from "../../../operations/sessions/log-in.ts";
import type { Events } from "../../../telemetry/events.ts";
import { agentOf, anonymous } from "../auth.ts";
import { mayKeep } from "../cookies/cookies.ts";
import { addOidc } from "./add-oidc.ts";
import { addPassword } from "./add-password.ts";
import { failWith, failureOf } from "./failure.ts";
import { formToken, readForm } from "./forms.ts";
import { inTheClearPage, loggedInPage, type LoginPage, loginPage } from "./login-page.ts";
import { passwordPath, queryOf, readNext, SEE_OTHER } from "./next-path.ts";
import { sendPage } from "./page.ts";
import { endLogin, keepLogin, personOf, type Visit, type Ways } from "./people.ts";
import { style } from "./style.ts";

/** A name, a password and where to go on. */
const FORM_BYTES = 8 * 2 ** 10;

/** The pages by which people come in and go: plain HTML, no scripts. */
export function addLogin(
  app: FastifyInstance,
  { events, ...ways }: Ways & { events: Pick<Events, "requestFailed"> },
): void {
  const reads = { config: { permission: null }, errorHandler: failWith(events) };
  const takes = { ...reads, config: { permission: null, takesForm: true }, bodyLimit: FORM_BYTES };

  app.get("/login/style.css", { config: { permission: null } }, async (_, reply) =>
    reply.header("cache-control", "public, max-age=600").type("text/css; charset=utf-8").send(style),
  );

  app.get("/login", reads, (request, reply) => showLogin(ways, { request, reply }));
  app.post("/login", takes, (request, reply) => takeLogin(ways, { request, reply }));
  app.post("/logout", takes, async (request, reply) => {
    readForm(request);
    await endLogin(ways, { request, reply });
    return reply.redirect("/login?said=out", SEE_OTHER);
  });
  addPassword(app, ways, { reads, takes });
  addOidc(app, ways, { reads, takes });
}

async function showLogin(ways: Ways, visit: Visit): Promise<FastifyReply> {
  const { request, reply } = visit;
  if (!mayKeep(request.arrival)) return sendPage(reply, inTheClearPage());
  const next = readNext(queryOf(request, "next"));
  const person = await personOf(ways, visit);
  if (person?.mustChange === true) return reply.redirect(passwordPath(next), SEE_OTHER);
  if (person !== null)
    return sendPage(reply, loggedInPage({ token: formToken(request, reply), person, next }));
  const said = queryOf(request, "said") === "out" ? "You are logged out here." : null;
  return askAgain(ways, visit, { next, said });
}

async function takeLogin(ways: Ways, visit: Visit): Promise<FastifyReply> {
  const { request, reply } = visit;
  if (!mayKeep(request.arrival)) return sendPage(reply, inTheClearPage());
  const field = readForm(request);
  const [provider, name, next] = [field("provider"), field("name"), readNext(field("next"))];
  const shown = { provider, name, password: field("password") };
  try {
    const caller = anonymous(request);
    const { text, session, account } = await logIn(ways.context, {
      ...shown,
      caller,
      agent: agentOf(request),
      carrier: "cookie",
    });
    await keepLogin(ways, visit, text);
    const mustChange = session.provider === "local" && account.mustChange;
    return await reply.redirect(mustChange ? passwordPath(next) : next, SEE_OTHER);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return askAgain(ways, visit, { next, provider, name, failure });
  }
}

/** The page with the form, as it was filled in. */
function askAgain(
  { context }: Ways,
  { request, reply }: Visit,
  shown: Pick<LoginPage, "next" | "provider" | "name" | "failure" | "said">,
): FastifyReply {
  const token = formToken(request, reply);
  const { providers } = context.signIn;
  return sendPage(reply, loginPage({ token, providers, issuers: context.codeLogins.names, ...shown }));
}
