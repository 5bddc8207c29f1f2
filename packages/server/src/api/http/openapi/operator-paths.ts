import type { Json } from "./json.ts";

const errorResponse: Json = { $ref: "#/components/responses/Error" };

/** How every operation may fail: a request that is at fault, and all else. */
export const failures: Json = { "4XX": errorResponse, default: errorResponse };

/** What is not of the contract's operations: for whoever runs the server. */
export const operatorPaths: Json = {
  "/healthz": {
    get: operatorPath("health", {
      summary: "Say that the server lives",
      responses: { 200: { description: "It lives", content: status("ok") }, ...failures },
    }),
  },
  "/readyz": {
    get: operatorPath("readiness", {
      summary: "Say whether the server can take jobs",
      responses: {
        200: { description: "It can: a job of its own has run", content: status("ready") },
        503: errorResponse,
        ...failures,
      },
    }),
  },
  "/metrics": {
    get: {
      operationId: "metrics",
      summary: "Show counters for Prometheus; administrators only",
      tags: ["server"],
      responses: {
        200: { description: "Text format", content: { "text/plain": { schema: { type: "string" } } } },
        ...failures,
      },
    },
  },
};

function operatorPath(
  operationId: string,
  { summary, responses }: { summary: string; responses: Json },
): Json {
  return { operationId, summary, tags: ["server"], security: [], responses };
}

function status(text: string): Json {
  const properties = { status: { type: "string" } };
  return {
    "application/json": {
      schema: { type: "object", properties, required: ["status"] },
      example: { status: text },
    },
  };
}
