import type { FastifyReply, FastifyRequest } from "fastify";
import { withoutBlanks } from "../http/listen/without-blanks.ts";

const NAME = "token";
/** No text of ours is longer. */
const LONGEST = 128;
/** Nothing but this door is sent it. */
const PATH = "/kriten/api/v1";

/** What a client keeps of a login; null where that is nothing, or several. */
export function readKritenCookie({ headers }: Pick<FastifyRequest, "headers">): string | null {
  const found = (headers.cookie ?? "").split(";").flatMap((part) => {
    const at = part.indexOf("=");
    return at !== -1 && withoutBlanks(part.slice(0, at)) === NAME ? [withoutBlanks(part.slice(at + 1))] : [];
  });
  const [first] = found;
  return found.length !== 1 || first === undefined || first.length > LONGEST ? null : first;
}

/** Has the client keep this login as Kriten's clients do, and send it to no other site's page. */
export function keepKritenCookie(reply: FastifyReply, text: string): void {
  const secure = reply.request.arrival.isSecure ? ["Secure"] : [];
  const parts = [`${NAME}=${text}`, `Path=${PATH}`, "HttpOnly", "SameSite=Strict", ...secure];
  reply.header("set-cookie", parts.join("; "));
}
