import { request as httpRequest } from "node:http";
import { json } from "node:stream/consumers";
import type { ErrorBody } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../src/lib/ids.ts";
import { ApiBench } from "./support/api-bench.ts";

// The tests are made from the routes of a server of their own: a new route is among them by itself.
const { routeTable } = await ApiBench.open().then(async (api) => {
  await api[Symbol.asyncDispose]();
  return api.app;
});
const ofJobs = routeTable
  .filter(({ url, isRefusal }) => url.includes(":id") && !isRefusal)
  .map(({ method, url }) => ({ method, url }));
const strangers = ["bob", "an", "ann-b"] as const;

let api: ApiBench;
let port: number;
beforeAll(async () => {
  api = await ApiBench.open();
  port = Number(new URL(await api.listen()).port);
});
afterAll(() => api[Symbol.asyncDispose]());

/** What every route takes that has a body; fields that a route does not know would be refused before the job is sought. */
const bodyOf = (url: string): object | undefined =>
  url.endsWith("/extend") ? { by: "1s" } : url.endsWith("/stop") ? { grace: "1s" } : undefined;

const ask = (
  { method, url }: { method: string; url: string },
  { id, as }: { id: string; as: "root" | "ann" | (typeof strangers)[number] },
) => api.call(`${method} ${url.replace(":id", id).replace("*", "report.txt")}`, { as, body: bodyOf(url) });

it("knows the routes that name a job", () => {
  expect(ofJobs.length).toBeGreaterThanOrEqual(9);
});

describe.each(ofJobs)("ABUSE 28: $method $url", (route) => {
  it.each(strangers)("is for %s as if the job of ann were not there, and leaves it alone", async (as) => {
    for (const state of ["queued", "running", "succeeded"] as const) {
      const job = await api.jobOf(state);
      const [hidden, absent] = [await ask(route, { id: job.id, as }), await ask(route, { id: newId(), as })];
      expect([hidden.status, absent.status]).toEqual([404, 404]);
      expect(await api.context.store.jobs.get(job.id)).toEqual(job);
      if (route.method === "HEAD") continue;
      expect(plain(hidden.body)).toEqual(plain(absent.body));
      expect(plain(hidden.body).code).toBe("JOB_NOT_FOUND");
    }
  });

  it.each(["ann", "root"] as const)("finds the job of ann for %s", async (as) => {
    const { id } = await api.jobOf("succeeded");
    const { status, body } = await ask(route, { id, as });
    const code = body === null ? null : (body as Partial<ErrorBody>).code;
    expect([401, 403]).not.toContain(status);
    expect(code).not.toBe("JOB_NOT_FOUND");
  });

  it("takes no other spelling of an id, not from the owner either", async () => {
    const { id } = await api.jobOf("succeeded");
    const other = newId();
    const spellings = [
      id.toUpperCase(),
      `${id}/`,
      `/${id}`,
      `./${id}`,
      `%2e/${id}`,
      `${other}/../${id}`,
      `${other}%2f..%2f${id}`,
      `%2e%2e%2fjobs%2f${id}`,
      `${id}%00`,
      `${id}%20`,
      `${id}.`,
      `${id};a`,
      `%7b${id}%7d`,
      `urn:uuid:${id}`,
      id.replaceAll("-", "%E2%80%90"),
      id.replaceAll("-", ""),
    ];
    for (const spelling of spellings) {
      const path = route.url.replace(":id", spelling).replace("*", "report.txt");
      expect([spelling, await statusOf(route.method, path)]).toEqual([spelling, 404]);
    }
  });
});

it.each(["", "?state=succeeded,queued", "?name=report", "?label=team=a"])(
  "lists to each user the jobs of that very name, and to administrators those of all: %j",
  async (query) => {
    await using fresh = await ApiBench.open();
    const owners = ["ann", "an", "ann-b", "bob"] as const;
    for (const owner of owners)
      await fresh.jobOf("succeeded", { owner, name: "report", labels: { team: "a" } });
    const listed = async (as: "root" | (typeof owners)[number]) => {
      const { body } = await fresh.call(`GET /api/v1/jobs${query}`, { as });
      return (body as { items: { owner: string }[] }).items.map(({ owner }) => owner).toSorted();
    };
    for (const owner of owners) expect(await listed(owner)).toEqual([owner]);
    expect(await listed("root")).toEqual(owners.toSorted());
  },
);

/** What an answer says beside the id and the number of the request. */
function plain(body: unknown): Partial<ErrorBody> {
  const { message, requestId: _, ...rest } = body as ErrorBody;
  return { ...rest, message: message.replace(/"[^"]*"/, '"ID"') };
}

/** By a socket, as a client that does not tidy the path up: what would be found must not be. */
async function statusOf(method: string, path: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const body = bodyOf(path);
  const headers = {
    authorization: `Bearer ${api.tokens.ann}`,
    ...(body && { "content-type": "application/json" }),
  };
  httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (answer) => {
    if (method === "HEAD") answer.resume();
    else json(answer).catch(reject);
    resolve(answer.statusCode ?? 0);
  })
    .on("error", reject)
    .end(body && JSON.stringify(body));
  return await promise;
}
