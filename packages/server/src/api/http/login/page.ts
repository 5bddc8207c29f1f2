import type { FastifyReply } from "fastify";
import { securityHeaders } from "../security-headers.ts";

/** HTML, and nothing that anybody typed but as text. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | null | readonly Html[];

/** Writes HTML; what is put in becomes text, unless it is HTML itself. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(fixed.reduce((all, piece, index) => all + textOf(parts[index - 1] ?? null) + piece));
}

function textOf(part: Part): string {
  if (part === null) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(({ text }) => text).join("");
  return String(part).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/**
 * Beside those of every answer. Forms lead here alone, also by a redirect: whoever goes on to an issuer follows a link. Without a
 * referrer of our own pages, browsers would say of their forms that nobody asks.
 */
const headers = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "same-origin",
};

export interface Page {
  status?: number;
  title: string;
  body: Html;
  /** Whoever reads with a voice hears it first. */
  hasFailed?: boolean;
}

export function sendPage(
  reply: FastifyReply,
  { status = 200, title, body, hasFailed = false }: Page,
): FastifyReply {
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${hasFailed ? "Error: " : ""}${title} &middot; Berth</title>
<link rel="stylesheet" href="/login/style.css">
</head>
<body>
<main>
<p class="brand">Berth</p>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return reply
    .code(status)
    .headers({ ...securityHeaders, ...headers })
    .type("text/html; charset=utf-8")
    .send(whole.text);
}
