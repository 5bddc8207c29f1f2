import { isBerthError, isObjectName, operations } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { newId } from "../../../lib/ids.ts";
import { pathReader } from "./path-params.ts";

function answer(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return isBerthError(error) ? `${error.code} ${error.message}` : error;
  }
}

describe("the parameters of a path", () => {
  const jobs = pathReader(operations.stopJob);

  it("are read by the names that the path has for them", () => {
    const id = newId();
    expect(jobs({ id, "*": "x" })).toEqual({ id });
    expect(pathReader(operations.listJobs)({})).toEqual({});
  });

  it.each(["", "..", "%2e", "a/b", "__proto__", "0".repeat(10_000)])(
    "that can be no name are answered like what is not there: %j",
    (id) => {
      expect(answer(() => jobs({ id }))).toBe(`JOB_NOT_FOUND Cannot find job "${id}"`);
    },
  );

  it("have a reader for every path of the contract", () => {
    for (const operation of Object.values(operations)) expect(() => pathReader(operation)).not.toThrow();
  });

  it("keep a route from being made where nothing reads one of them", () => {
    const permission = { resource: "jobs", verb: "read" } as const;
    expect(() => pathReader({ path: "/x/{colour}", permission })).toThrow("nothing reads {colour}");
    expect(() => pathReader({ path: "/x/{name}", permission })).toThrow("nothing reads {name}");
  });
});

describe("a name in a path", () => {
  const network = { noun: "network", missing: "JOB_NOT_FOUND", isName: isObjectName } as const;
  const read = pathReader(
    { path: "/api/v1/networks/{name}", permission: { resource: "jobs", verb: "read" } },
    { jobs: network },
  );

  it("is read by the resource of its operation", () => {
    expect(read({ name: "db-1" })).toEqual({ name: "db-1" });
  });

  it.each(["DB", "a.b", "..", "a/b", "", "x".repeat(64)])("is one that people can give: not %j", (name) => {
    expect(answer(() => read({ name }))).toBe(`JOB_NOT_FOUND Cannot find network "${name}"`);
  });
});
