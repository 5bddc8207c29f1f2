import { describe, expect, it } from "vitest";
import { jobSpec, membersBySource, submission } from "./job-spec.ts";

function problemsOf(value: unknown): string[] {
  const parsed = submission.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) =>
    issue.code === "invalid_union"
      ? issue.errors.flat().map(({ path }) => path.join("."))
      : [issue.path.join(".")],
  );
}

const upload = "a".repeat(64);
const archive = { upload, format: "tar" };

describe("what makes a job", () => {
  it("is a command, or a task with what it is given, to the letter", () => {
    expect(submission.parse({ command: "true" })).toEqual({ command: "true", args: [] });
    const run = {
      task: "report",
      input: { a: [1, null] },
      version: 2,
      name: "r",
      labels: { a: "b" },
      priority: -3,
    };
    expect(submission.parse(run)).toEqual(run);
  });

  it("is known by the field that its members differ in", () => {
    expect(Object.keys(membersBySource(submission) ?? {})).toEqual(["command", "task"]);
    expect(Object.keys(membersBySource(jobSpec) ?? {})).toEqual(["command"]);
    expect(membersBySource(membersBySource(submission)?.["task"])).toBeUndefined();
  });

  it.each([
    ["a task of another kind of name", { task: "no such/name" }],
    ["a version before the first", { task: "t", version: 0 }],
    ["options of a command with a task", { task: "t", env: { A: "b" } }],
    ["both", { task: "t", command: "true" }],
    ["neither", { input: {} }],
  ])("is not %s", (_what, value) => {
    expect(problemsOf(value)).not.toEqual([]);
  });

  it.each([
    ["an archive of any format", { archive }, { archive: { upload, format: "rar" } }],
    [
      "the hash of an upload",
      { archive: { ...archive } },
      { archive: { ...archive, upload: "a".repeat(63) } },
    ],
    [
      "no folders to leave out",
      { archive: { ...archive, strip: 0 } },
      { archive: { ...archive, strip: -1 } },
    ],
    [
      "64 folders to leave out",
      { archive: { ...archive, strip: 64 } },
      { archive: { ...archive, strip: 65 } },
    ],
    [
      "a folder to unpack into",
      { archive: { ...archive, into: "a/b" } },
      { archive: { ...archive, into: "../b" } },
    ],
    ["the least priority", { priority: -100 }, { priority: -101 }],
    ["the greatest priority", { priority: 100 }, { priority: 101 }],
    ["a whole priority", { priority: 7 }, { priority: 7.5 }],
  ])("takes %s and no more", (_what, most, more) => {
    expect(problemsOf({ command: "true", ...most })).toEqual([]);
    expect(problemsOf({ command: "true", ...more })).not.toEqual([]);
  });

  it("takes no archive without its upload or its format", () => {
    expect(problemsOf({ command: "true", archive: { format: "tar" } })).toContain("archive.upload");
    expect(problemsOf({ command: "true", archive: { upload } })).toContain("archive.format");
    const { error } = jobSpec.safeParse({ command: "true", archive: { ...archive, upload: "newest" } });
    expect(error?.issues).toMatchObject([{ message: "must be the SHA-256 of an upload" }]);
  });
});
