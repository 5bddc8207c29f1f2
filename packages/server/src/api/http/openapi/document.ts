import { setImmediate as nextTurn } from "node:timers/promises";
import { errorBody, errorCatalog, operations, type Operation } from "@berth/protocol";
import type { z } from "zod";
import { onLoop } from "../../../lib/on-loop.ts";
import { introduction } from "./introduction.ts";
import { type Json, jsonContent, ref } from "./json.ts";
import { failures, operatorPaths } from "./operator-paths.ts";
import { parametersOf } from "./parameters.ts";
import { Schemas } from "./schemas.ts";
import { addStreamed, streamContent } from "./streams.ts";

/**
 * The OpenAPI 3.1 document of the contract. Made here rather than by a plugin of the server: the operations are data
 * already, and each named schema appears once, under its own name. All of it takes a fifth of a second: others have their turn
 * between two operations.
 */
export async function openApiDocument(version: string): Promise<Json> {
  const schemas = new Schemas();
  const paths: Record<string, Json> = {};
  for (const [name, operation] of Object.entries(operations as Record<string, Operation>)) {
    const path = operation.path.replace("*", "{path}");
    const entry = (paths[path] ??= {});
    entry[operation.method.toLowerCase()] = onLoop("OpenAPI document", () =>
      describe(name, { operation, schemas }),
    );
    await nextTurn();
  }
  schemas.of(errorBody, "output");
  addStreamed(schemas);
  return {
    openapi: "3.1.0",
    info: {
      title: "Berth",
      version,
      summary: "Runs other people's code, remotely and in isolation",
      description: introduction,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "The server that this document comes from" }],
    security: [{ token: [] }],
    tags: TAGS,
    paths: { ...paths, ...operatorPaths },
    components: {
      schemas: schemas.components,
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "An API token: `berth_...`, or what a login answered: `berth_s_...`",
        },
      },
      responses: { Error: { description: errorText(), content: jsonContent(ref("Error")) } },
    },
  };
}

const TAGS: readonly Json[] = [
  { name: "jobs", description: "Submit, follow, stop and read jobs" },
  { name: "runners", description: "Where tasks run, and what all of them have" },
  { name: "tasks", description: "Scripts that the right people may run, with a typed input" },
  { name: "webhooks", description: "Tasks that are run where something else calls" },
  { name: "schedules", description: "When tasks are run by the clock" },
  { name: "uploads", description: "Send contents that jobs unpack" },
  { name: "certificates", description: "Certificates of clients that speak gRPC" },
  { name: "networks", description: "What jobs may reach, by profile" },
  { name: "engines", description: "What runs jobs here, and what it can enforce" },
  { name: "server", description: "For whoever runs the server" },
  { name: "access", description: "Who one is, and what one may do" },
  { name: "users", description: "Who has an account" },
  { name: "groups", description: "Accounts under one name" },
  { name: "sessions", description: "Logins" },
  { name: "audit", description: "What happened, for good" },
  { name: "roles", description: "What can be allowed" },
  { name: "bindings", description: "Which roles are given to whom" },
  { name: "secrets", description: "What jobs are given to know, and nobody is shown" },
  { name: "tokens", description: "By which principals come in over REST" },
];

function describe(name: string, { operation, schemas }: { operation: Operation; schemas: Schemas }): Json {
  const { query, body, success, permission, summary, path } = operation;
  const isUpload = name === "createUpload" || name === "appendUpload";
  const content = success.body
    ? jsonContent(schemas.of(success.body, "output"))
    : streamContent(name, success.mediaTypes ?? []);
  return {
    operationId: name,
    summary,
    tags: [permission?.resource ?? "sessions"],
    ...(permission === null && { security: [] }),
    parameters: parametersOf(name, { path, query: query ? schemas.of(query, "input") : null }),
    ...((name === "runTask" || name === "runWebhook") && {
      requestBody: { required: false, content: anyInput },
    }),
    ...(isUpload && { requestBody: { required: true, content: { "application/octet-stream": {} } } }),
    ...(body && {
      requestBody: {
        required: name !== "stopJob",
        content: jsonContent(schemas.of(body, "input"), exampleOf(body)),
      },
    }),
    responses: {
      [success.status]: { description: summary, ...(content && { content }) },
      ...(name === "runTask" && {
        200: { description: "The job, which has ended", ...(content && { content }) },
      }),
      ...failures,
    },
  };
}

/** What a task takes is its own to say. */
const anyInput: Json = {
  "application/json": { schema: {}, example: { month: "2026-01" } },
  "application/octet-stream": {},
};

function exampleOf(schema: z.ZodType): unknown {
  const examples = schema.meta()?.["examples"];
  return Array.isArray(examples) ? (examples as unknown[])[0] : undefined;
}

function errorText(): string {
  const codes = Object.entries(errorCatalog).filter(([, { status }]) => status > 0);
  return `What failed, and how to mend it. Codes: ${codes.map(([code, { status }]) => `\`${code}\` (${status})`).join(", ")}`;
}
