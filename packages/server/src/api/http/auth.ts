import { BerthError, type Permission } from "@berth/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../../auth/access.ts";
import type { Arrival, Identity } from "../../auth/identity.ts";
import { isPublic, stranger } from "../../core/access/public-read.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { keepCookie, readCookie } from "./cookies/cookies.ts";
import { demandOwnPage } from "./cookies/own-pages.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What a caller must be allowed to do; null opens the route to everybody. Every route states it. */
    permission?: Permission | null;
    /**
     * What proves who asks, as an `Authorization` header has it, where a door has its own way to say so: then no cookie of ours
     * counts. Throws CROSS_SITE.
     */
    credential?: (request: FastifyRequest) => string | undefined;
  }
  interface FastifyInstance {
    /** Every route with what it asks of a caller. */
    routeTable: readonly RouteEntry[];
  }
  interface FastifyRequest {
    /** Who calls; null on open routes. */
    caller: Caller | null;
  }
}

interface RouteEntry {
  method: string;
  url: string;
  permission: Permission | null;
  /** True where the path has other methods, or is none, and this route only says so. */
  isRefusal: boolean;
}

/** An API in which every route has stated what it asks of a caller. */
export type GuardedServer = FastifyInstance & { readonly routeTable: readonly RouteEntry[] };

/**
 * Lets nobody pass who may not: a route that does not state its permission cannot be registered, and a request is
 * judged before its body is read.
 */
export function guardRoutes(
  app: FastifyInstance,
  { identity, access, publicRead }: { identity: Identity; access: Access; publicRead: boolean },
): void {
  const table: RouteEntry[] = [];
  app.decorate("routeTable", table);
  app.decorateRequest("caller", null);

  app.addHook("onRoute", ({ method, url, config }) => {
    if (config?.permission === undefined) {
      throw new Error(`Cannot register route "${String(method)} ${url}": it states no permission`);
    }
    const { permission, allow, isNothing = false } = config;
    for (const one of [method].flat())
      table.push({ method: one, url, permission, isRefusal: allow !== undefined || isNothing });
  });

  app.addHook("onRequest", async (request, reply) => {
    const { permission } = request.routeOptions.config;
    if (permission === null || request.is404) return;
    // Deny by default: what is undefined here never came through the check above.
    if (permission === undefined)
      throw new BerthError("FORBIDDEN", "Cannot enter: this route states no permission");
    const isOpen = publicRead && isPublic(permission);
    request.caller = await callerBy(identity, { request, reply, isOpen });
    await access.enter(request.caller, permission);
  });
}

/**
 * What a header proves counts alone: a page of somebody else's can make a browser send a cookie, and never that. A header that
 * proves nobody is refused, whatever cookie comes with it.
 */
async function callerBy(
  identity: Identity,
  { isOpen, ...visit }: { request: FastifyRequest; reply: FastifyReply; isOpen: boolean },
): Promise<Caller> {
  const { credential } = visit.request.routeOptions.config;
  if (credential !== undefined)
    return await identity.ofToken(credential(visit.request), arrivalOf(visit.request));
  const { authorization } = visit.request.headers;
  const byCookie = authorization === undefined ? await callerByCookie(identity, visit) : null;
  if (byCookie !== null) return byCookie;
  const arrival = arrivalOf(visit.request);
  if (authorization === undefined && isOpen) return stranger(arrival);
  return await identity.ofToken(authorization, arrival);
}

/** Who calls an open route, where that is said; null where nobody says who it is. Throws UNAUTHENTICATED, CROSS_SITE. */
export async function callerIfShown(
  identity: Identity,
  visit: { request: FastifyRequest; reply: FastifyReply },
): Promise<Caller | null> {
  const { authorization } = visit.request.headers;
  if (authorization === undefined) return await callerByCookie(identity, visit);
  return await identity.ofToken(authorization, arrivalOf(visit.request));
}

/** By the login that the browser keeps; null where it keeps none. Throws CROSS_SITE, UNAUTHENTICATED. */
export async function callerByCookie(
  identity: Identity,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<Caller | null> {
  const shown = readCookie(request, "session");
  if (shown === null) return null;
  demandOwnPage(request);
  const { caller, renewed } = await identity.ofCookie(shown, arrivalOf(request));
  if (renewed !== null) keepCookie(reply, "session", { value: renewed });
  return caller;
}

function arrivalOf({ arrival, id }: FastifyRequest): Arrival {
  return { door: "rest", address: arrival.address, requestId: id };
}

/** What is kept of what a client calls itself. */
const LONGEST_AGENT = 128;

export function agentOf({ headers }: FastifyRequest): string | null {
  return headers["user-agent"]?.slice(0, LONGEST_AGENT) ?? null;
}

/** Somebody who has not said who it is, on a route that is open. */
export function anonymous({ arrival, id }: FastifyRequest): Caller {
  return {
    principal: { name: "anonymous", roles: [] },
    groups: [],
    door: "rest",
    credential: { kind: "none", id: "" },
    address: arrival.address,
    requestId: id,
  };
}

/** The caller of a guarded route. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error("Cannot name the caller: this route is open");
  return request.caller;
}
