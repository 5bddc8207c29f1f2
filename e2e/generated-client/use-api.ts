/**
 * A program as a user writes it over a generated client: every call by its path, every field by its type. It prints
 * what it found as one line of JSON.
 */
import createClient from "openapi-fetch";
import type { components, paths } from "./gen/api.ts";

type JobEvent = components["schemas"]["JobEvent"];
type OutputMessage = components["schemas"]["OutputMessage"];

const baseUrl = process.env["BERTH_URL"] ?? "";
const headers = { authorization: `Bearer ${process.env["BERTH_TOKEN"] ?? ""}` };
const berth = createClient<paths>({ baseUrl, headers });

// What has a default may be left out.
const submitted = await berth.POST("/api/v1/jobs", {
  params: { query: { wait: "20s", include: "output" }, header: { "Idempotency-Key": "once" } },
  body: { command: "true" },
});
const job = submitted.data ?? fail(submitted.error);
const params = { path: { id: job.id } };

const again = await berth.POST("/api/v1/jobs", {
  params: { header: { "Idempotency-Key": "once" } },
  body: { command: "true", args: [] },
});

const listed = await berth.GET("/api/v1/jobs", {
  params: { query: { state: ["succeeded", "failed"], limit: 10 } },
});
const byCommas = await berth.GET("/api/v1/jobs", { params: { query: { state: "queued,canceled" } } });
const labeled = await berth.GET("/api/v1/jobs", { params: { query: { label: ["a=1", "b=2"] } } });

const events = await berth.GET("/api/v1/jobs/{id}/events", { params, parseAs: "text" });
const output = await berth.GET("/api/v1/jobs/{id}/output", {
  params,
  headers: { Accept: "text/event-stream" },
  parseAs: "text",
});

const refused = await berth.POST("/api/v1/jobs", { body: { command: "" } });
const missing = await berth.GET("/api/v1/jobs/{id}/result", { params });
const stopped = await berth.POST("/api/v1/jobs/{id}/stop", { params });
const ready = await berth.GET("/readyz");
const deleted = await berth.DELETE("/api/v1/jobs/{id}", { params });

console.log(
  JSON.stringify({
    state: job.state,
    cause: job.cause?.code,
    stdout: job.stdout?.text,
    sameJob: again.data?.id === job.id,
    listed: listed.data?.items.map(({ id }) => id === job.id),
    byCommas: byCommas.data?.items.length,
    labeled: labeled.data?.items.length,
    events: messagesOf<JobEvent>(events.data ?? "").map(wordsOf),
    output: messagesOf<OutputMessage["data"]>(output.data ?? "").length,
    refused: refused.error?.problems?.map(({ field }) => field),
    missing: missing.error?.code,
    stopped: stopped.response.status,
    ready: ready.data?.status,
    deleted: deleted.response.status,
  }),
);

/** The kind of an event decides what else it has. */
function wordsOf(event: JobEvent): string {
  switch (event.type) {
    case "extended":
      return `until ${event.deadlineAt ?? "ever"}`;
    case "succeeded":
    case "failed":
    case "canceled":
    case "lost":
      return `${event.type} by ${event.cause?.code ?? "nothing"}`;
    default:
      return event.type;
  }
}

function messagesOf<Data>(stream: string): Data[] {
  const data = stream.split("\n").filter((line) => line.startsWith("data: "));
  return data.map((line) => JSON.parse(line.slice("data: ".length)) as Data);
}

function fail(error: unknown): never {
  throw new Error(`Cannot go on: ${JSON.stringify(error)}`);
}
