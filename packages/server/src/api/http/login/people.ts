import { isBerthError } from "@berth/protocol";
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import type { Identity } from "../../../auth/identity.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../../operations/context.ts";
import { whoAmI } from "../../../operations/access/who-am-i.ts";
import { logOut } from "../../../operations/sessions/log-out.ts";
import { callerByCookie } from "../auth.ts";
import { keepCookie } from "../cookies/cookies.ts";

/** What pages of people need. */
export interface Ways {
  context: Context;
  identity: Identity;
}

/** How routes of people are registered: those that are read, and those that take a form. */
export interface RoutesOfPeople {
  reads: RouteShorthandOptions;
  takes: RouteShorthandOptions;
}

/** One request and its answer. */
export interface Visit {
  request: FastifyRequest;
  reply: FastifyReply;
}

export interface KnownPerson {
  caller: Caller;
  name: string;
  mustChange: boolean;
  /** Of this server; who comes by another has none to change here. */
  hasPassword: boolean;
}

/** Whose login the browser keeps; null where it keeps none that still lets somebody in. */
export async function personOf({ context, identity }: Ways, visit: Visit): Promise<KnownPerson | null> {
  try {
    const caller = await callerByCookie(identity, visit);
    if (caller === null) return null;
    const { name } = await whoAmI(context, { caller });
    const hasPassword = (context.accounts.find(name)?.passwordAt ?? null) !== null;
    return { caller, name, mustChange: caller.mustChangePassword === true, hasPassword };
  } catch (error) {
    if (isBerthError(error) && ["UNAUTHENTICATED", "FORBIDDEN"].includes(error.code)) return null;
    throw error;
  }
}

/** Has the browser keep this login in the place of the one that it kept, which ends: nobody else's is gone on with. */
export async function keepLogin(ways: Ways, visit: Visit, text: string): Promise<void> {
  await endLogin(ways, visit);
  keepCookie(visit.reply, "session", { value: text });
}

/** Ends the login that the browser keeps, where it does. */
export async function endLogin({ context, identity }: Ways, visit: Visit): Promise<void> {
  try {
    const caller = await callerByCookie(identity, visit);
    if (caller !== null) await logOut(context, { caller });
  } catch (error) {
    // It has ended already, or its user may do nothing any more.
    if (!isBerthError(error) || !["UNAUTHENTICATED", "FORBIDDEN", "SESSION_NOT_FOUND"].includes(error.code))
      throw error;
  }
  visit.reply.removeHeader("set-cookie");
  keepCookie(visit.reply, "session", { value: null });
}
