import { describe, expect, it } from "vitest";
import { sourceProblems } from "./source-problems.ts";

const problemsOf = (value: unknown): unknown =>
  sourceProblems(["command", "task"], value).problems.map(({ field, message }) => `${field} ${message}`);

describe("the source of a spec", () => {
  it("is the one that it names", () => {
    const spec = { task: "report", input: {} };
    expect(sourceProblems(["command", "task"], spec)).toEqual({ source: "task", rest: spec, problems: [] });
  });

  it("is asked for by name where there is none", () => {
    expect(problemsOf({ args: [] })).toEqual([
      "body must have exactly one source, and has none: give one of `command`, `task`",
    ]);
    expect(sourceProblems(["command"], {}).problems).toEqual([
      { field: "command", message: "is missing: a job has exactly one source" },
    ]);
  });

  it("is one only: each other one is told by name", () => {
    expect(problemsOf({ task: "report", command: "true" })).toEqual([
      "task cannot stand beside `command`: a job has exactly one source",
    ]);
    const spec = { task: "report", command: "true", args: ["x"] };
    const { source, rest } = sourceProblems(["command", "task"], spec);
    expect([source, rest]).toEqual(["command", { command: "true", args: ["x"] }]);
    const alone = { task: "report" };
    expect(sourceProblems(["command", "task"], alone).rest).toBe(alone);
  });

  it.each([null, [], "text", 7])("is nothing to look for in %j", (value) => {
    expect(problemsOf(value)).toEqual([]);
  });
});
