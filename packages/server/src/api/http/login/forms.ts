import { randomBytes, timingSafeEqual } from "node:crypto";
import { BerthError } from "@berth/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import { keepCookie, readCookie } from "../cookies/cookies.ts";
import { demandOwnPage } from "../cookies/own-pages.ts";
import { unsupported } from "../errors.ts";
import { html, type Html } from "./page.ts";

/** The name of the field that holds it. */
const TOKEN = "form";
const FORM_TOKEN = /^[\w-]{43}$/;

/** What shows that a form is ours: the browser keeps the same, which no page of others can read. */
export function formToken(request: FastifyRequest, reply: FastifyReply): Html {
  const kept = readCookie(request, "form");
  const token = kept !== null && FORM_TOKEN.test(kept) ? kept : randomBytes(32).toString("base64url");
  if (token !== kept) keepCookie(reply, "form", { value: token });
  return html`<input type="hidden" name="${TOKEN}" value="${token}">`;
}

/** What was filled into a form of ours. Throws CROSS_SITE for one that is somebody else's. */
export function readForm(request: FastifyRequest): (field: string) => string {
  demandOwnPage(request);
  const { body } = request;
  if (!(body instanceof URLSearchParams)) throw unsupported("anything but a form");
  const kept = readCookie(request, "form");
  if (kept === null || !isSame(kept, body.get(TOKEN) ?? "")) {
    throw new BerthError(
      "CROSS_SITE",
      "Cannot take this form: the browser keeps nothing that belongs to it",
      {
        fix: "Load the page again, and let the browser keep cookies of this server",
      },
    );
  }
  return (field) => body.get(field) ?? "";
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
