import type { LoggedIn, Session } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../../operations/context.ts";
import { beginDeviceLogin } from "../../../operations/sessions/begin-device-login.ts";
import { changePassword } from "../../../operations/sessions/change-password.ts";
import { collectDeviceLogin } from "../../../operations/sessions/collect-device-login.ts";
import { deleteSession } from "../../../operations/sessions/delete-session.ts";
import { listSessions } from "../../../operations/sessions/list-sessions.ts";
import { logIn } from "../../../operations/sessions/log-in.ts";
import { logOut } from "../../../operations/sessions/log-out.ts";
import { agentOf } from "../auth.ts";
import { replaceSession } from "../cookies/cookies.ts";
import { addOperation } from "../operation-route.ts";

export function addSessions(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "logIn", async ({ caller, body, request }) => {
    return viewLogin(await logIn(context, { caller, ...body, agent: agentOf(request) }), caller);
  });

  addOperation(app, "beginDeviceLogin", async ({ caller, body }) => {
    const { expiresAt, ...begun } = await beginDeviceLogin(context, { caller, ...body });
    return { ...begun, expiresAt: iso(expiresAt) };
  });

  addOperation(app, "collectDeviceLogin", async ({ caller, body, request }) => {
    const signedIn = await collectDeviceLogin(context, { caller, ...body, agent: agentOf(request) });
    return { login: signedIn === null ? null : viewLogin(signedIn, caller) };
  });

  addOperation(app, "logOut", ({ caller }) => logOut(context, { caller }));

  addOperation(app, "changePassword", async ({ caller, body, request, reply }) => {
    const { renewed } = await changePassword(context, { caller, ...body, agent: agentOf(request) });
    if (renewed !== null) replaceSession(reply, renewed);
  });

  addOperation(app, "listSessions", async ({ caller, query }) => {
    const { items, next } = await listSessions(context, { caller, filter: query });
    return { items: items.map((session) => viewSession(session, caller)), next };
  });

  addOperation(app, "deleteSession", ({ caller, params: { session } }) =>
    deleteSession(context, { caller, id: session }),
  );
}

function viewLogin({ text, session, account }: Awaited<ReturnType<typeof logIn>>, caller: Caller): LoggedIn {
  const mustChangePassword = session.provider === "local" && account.mustChange;
  return { token: text, session: { ...viewSession(session, caller), current: true }, mustChangePassword };
}

type StoredSession = Awaited<ReturnType<typeof listSessions>>["items"][number];

/** Without its hash, and with its times as people read them. */
function viewSession(session: StoredSession, { credential }: Caller): Session {
  const { id, principal, provider, address, agent } = session;
  return {
    id,
    user: principal,
    provider,
    createdAt: iso(session.createdAt),
    usedAt: iso(session.usedAt),
    expiresAt: iso(session.expiresAt),
    address,
    agent,
    current: credential.kind === "session" && credential.id === id,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
