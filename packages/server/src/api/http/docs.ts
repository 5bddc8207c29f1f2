import { setImmediate as nextTurn } from "node:timers/promises";
import type { StaticDocumentSpec } from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import type { Identity } from "../../auth/identity.ts";
import type { Context } from "../../operations/context.ts";
import { callerIfShown } from "./auth.ts";
import { DocumentsOfCallers, tasksAsked } from "./openapi/document-of-caller.ts";
import type { Json } from "./openapi/json.ts";
import { openApiDocument } from "./openapi/document.ts";

const DOCS = "/api/v1/docs";

/**
 * Serves the OpenAPI document and its pages to everybody; to whoever says who it is, with the tasks that it may execute. Both are made when they are first asked for, by a server
 * of their own inside this one: most servers are never asked, and the pages need a policy of their own.
 */
export function addDocs(
  app: FastifyInstance,
  { version, context, identity }: { version: string; context: Context; identity: Identity },
): void {
  let document: ReturnType<typeof made> | null = null;
  let pages: Promise<FastifyInstance> | null = null;
  const documentOfAll = (): ReturnType<typeof made> => (document ??= made(version, context));
  const config = { permission: null };

  // Who opens the server's address in a browser wants to see something.
  app.get("/", { config }, async (_, reply) => reply.redirect(DOCS));

  app.get("/api/v1/openapi.json", { config }, async (request, reply) => {
    const { whole, text, ofCallers } = await documentOfAll();
    const caller = await callerIfShown(identity, { request, reply });
    const names = tasksAsked(request.query);
    const body = caller === null ? text : await ofCallers.of(caller, { whole, names });
    return reply.header("vary", "authorization, cookie").type("application/json; charset=utf-8").send(body);
  });

  for (const url of [DOCS, `${DOCS}/*`]) {
    app.get(url, { config, exposeHeadRoute: false }, async (request, reply) => {
      const server = await (pages ??= documentOfAll().then(({ whole }) => openPages(whole)));
      reply.hijack();
      server.routing(request.raw, reply.raw);
      return reply;
    });
  }

  app.addHook("onClose", async () => (await pages)?.close());
}

async function made(
  version: string,
  context: Context,
): Promise<{ whole: Json; text: string; ofCallers: DocumentsOfCallers }> {
  const whole = await openApiDocument(version);
  return { whole, text: JSON.stringify(whole), ofCallers: new DocumentsOfCallers(context, whole) };
}

/** Each plugin loads its own libraries for tens of milliseconds: others have their turn between two. */
async function openPages(whole: Json): Promise<FastifyInstance> {
  const [{ default: fastify }, { default: swagger }, { default: swaggerUi }, { default: helmet }] =
    await Promise.all([
      import("fastify"),
      import("@fastify/swagger"),
      import("@fastify/swagger-ui"),
      import("@fastify/helmet"),
    ]);
  const pages = fastify();
  // The plugin's type is of OpenAPI 3.0; it passes the document on as it is.
  const document = whole as unknown as StaticDocumentSpec["document"];
  await pages.register(swagger, { mode: "static", specification: { document } });
  await nextTurn();
  await pages.register(swaggerUi, {
    routePrefix: DOCS,
    uiConfig: { deepLinking: true, validatorUrl: "none" },
    // Instead of the bar with the plugin's own name, and a field for the documents of others.
    theme: {
      title: "Berth API",
      css: [{ filename: "berth.css", content: ".swagger-ui .topbar { display: none }" }],
    },
  });
  await nextTurn();
  await pages.register(helmet, {
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        scriptSrc: ["'self'", ...pages.swaggerCSP.script],
        styleSrc: ["'self'", ...pages.swaggerCSP.style],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
    },
  });
  await pages.ready();
  return pages;
}
