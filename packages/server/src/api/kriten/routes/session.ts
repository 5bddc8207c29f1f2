import { operations } from "@berth/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { whoAmI } from "../../../operations/access/who-am-i.ts";
import type { Context } from "../../../operations/context.ts";
import { changePassword } from "../../../operations/sessions/change-password.ts";
import { logIn } from "../../../operations/sessions/log-in.ts";
import { agentOf } from "../../http/auth.ts";
import { keepKritenCookie } from "../cookie.ts";
import { shownCredential } from "../credential.ts";
import { addKritenRoute, type KritenDoor } from "../kriten-route.ts";
import { isOwnPage } from "../origins.ts";
import { Refusal, saying } from "../refusal.ts";

const loginBody = z.object({
  username: z.string().min(1).max(256),
  password: z.string().min(1).max(1024),
  provider: z.string().min(1).max(64),
});

const changeBody = z.object({
  current_password: z.string().min(1).max(1024),
  new_password: z.string().min(1).max(1024),
});

const SMALL = 16 * 2 ** 10;
const refused = { status: 401, error: "invalid credentials." };

export function addSession(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  addKritenRoute(
    app,
    door,
    { methods: ["POST"], path: "/login", permission: null, most: SMALL },
    async ({ caller, body, request, reply }) => {
      const { username: name, password, provider: asked } = body(loginBody);
      const isOwn = demandKnownPage(request, door);
      const provider = providerOf(context, asked);
      const { text } = await saying(
        logIn(context, { caller, provider, name, password, agent: agentOf(request) }),
        { UNAUTHENTICATED: refused },
      );
      // A page of another site has it from the answer, and shows it in a header.
      return isOwn ? kept(reply, text) : { token: text };
    },
  );

  addKritenRoute(
    app,
    door,
    {
      methods: ["GET"],
      path: "/refresh",
      permission: operations.whoAmI.permission,
      credential: (request) => `Bearer ${textOf(request)}`,
    },
    async ({ caller, request, reply }) => {
      await whoAmI(context, { caller });
      // The session lasts for as long as it is used: another text would make it no safer.
      return kept(reply, textOf(request));
    },
  );

  addKritenRoute(
    app,
    door,
    {
      methods: ["POST"],
      path: "/change-password",
      permission: operations.changePassword.permission,
      most: SMALL,
    },
    async ({ caller, body, request }) => {
      const { current_password: current, new_password: password } = body(changeBody);
      await saying(changePassword(context, { caller, current, password, agent: agentOf(request) }), {
        UNAUTHENTICATED: refused,
      });
      return { message: "password changed successfully" };
    },
  );
}

function kept(reply: FastifyReply, token: string): { token: string } {
  keepKritenCookie(reply, token);
  return { token };
}

/** Whether it is our own page, or none. Nobody is logged in, as whom ever, by a page of somebody else's that is not named. */
function demandKnownPage(request: FastifyRequest, { origins }: Pick<KritenDoor, "origins">): boolean {
  const isOwn = isOwnPage(request);
  if (!isOwn && !origins.includes(request.headers.origin ?? ""))
    throw new Refusal("CROSS_SITE", { status: 403, error: "another site asks for this login" });
  return isOwn;
}

function textOf(request: FastifyRequest): string {
  const text = /^Bearer +(\S+)$/i.exec(shownCredential(request) ?? "")?.[1];
  if (text === undefined)
    throw new Refusal("UNAUTHENTICATED", { status: 400, error: "please authenticate." });
  return text;
}

/** Kriten has two: `active_directory` is the directory of that name here, else the first one that there is. */
function providerOf({ signIn }: Pick<Context, "signIn">, asked: string): string {
  const known = signIn.providers;
  const found = asked === "active_directory" && !known.includes(asked) ? firstFar(known) : asked;
  if (found !== undefined && known.includes(found)) return found;
  const providers = ["local", ...(firstFar(known) === undefined ? [] : ["active_directory"])];
  throw new Refusal("REQUEST_INVALID", { status: 400, error: "provider does not exist", providers });
}

function firstFar(providers: readonly string[]): string | undefined {
  return providers.find((name) => name !== "local");
}
