import { describe, expect, it } from "vitest";
import { jobSpec } from "./job-spec.ts";

function problemsOf(spec: unknown): string[] {
  const parsed = jobSpec.safeParse(spec);
  return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join("."));
}

describe("a job spec", () => {
  it("takes a command alone and fills in no more than empty arguments", () => {
    expect(jobSpec.parse({ command: "true" })).toEqual({ command: "true", args: [] });
  });

  it("names every wrong field at once", () => {
    const problems = problemsOf({
      command: "",
      args: ["a\0b"],
      env: { "1BAD": "x", GOOD: "nul\0" },
      resources: { memory: "lots", cpu: "none", pids: 0 },
      timeouts: { run: "soon" },
      workdir: "relative",
      name: "-no",
      collect: ["../up"],
      labels: { "a b": "c" },
    });
    expect(problems).toEqual([
      "command",
      "args.0",
      "name",
      "labels.a b",
      "env.1BAD",
      "env.GOOD",
      "workdir",
      "resources.cpu",
      "resources.memory",
      "resources.pids",
      "timeouts.run",
      "collect.0",
    ]);
  });

  it.each([
    ["an absolute file name", { files: { "/etc/passwd": "x" } }],
    ["a file name that climbs", { files: { "a/../../b": "x" } }],
    ["a file name with a part that goes nowhere", { files: { "a/./b": "x" } }],
    ["a file name with an empty part", { files: { "a//b": "x" } }],
    ["base64 of another alphabet", { files: { a: { base64: "ab-_" } } }],
    ["base64 without padding", { files: { a: { base64: "YQ" } } }],
    ["base64 with a line break", { files: { a: { base64: "YWJj\nZGVm" } } }],
    ["more than 10 MiB of files", { files: { a: "x".repeat(6 << 20), b: "y".repeat(5 << 20) } }],
    ["an argument of 128 KiB", { args: ["x".repeat(128 * 1024)] }],
    ["2 MB of arguments", { args: Array.from({ length: 20 }, () => "x".repeat(100_000)) }],
    [
      "1 MB of environment",
      { env: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`V${i}`, "x".repeat(100_000)])) },
    ],
    ["an unknown field", { comand: "x" }],
    ["an empty command", { command: "" }],
    ["a key with =", { env: { "A=B": "x" } }],
    ["an image, which is no source yet", { image: "busybox" }],
  ])("ABUSE 26: refuses %s", (_what, extra) => {
    expect(problemsOf({ command: "true", ...extra })).not.toEqual([]);
  });

  const deep = (folders: number): string => "d/".repeat(folders);
  const wide = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${index}/${deep(40)}f`);
  const filesAt = (paths: string[]): { files: Record<string, string> } => ({
    files: Object.fromEntries(paths.map((path) => [path, ""])),
  });

  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${index}`);
  const largest = (count: number): string[] =>
    Array.from({ length: count }, () => "x".repeat(128 * 1024 - 1));
  const labelled = (count: number): { labels: Record<string, string> } => ({
    labels: Object.fromEntries(names(count).map((name) => [name, ""])),
  });

  it.each([
    ["a file 64 folders deep", filesAt([`${deep(64)}f`]), filesAt([`${deep(65)}f`])],
    ["a working directory 64 folders deep", { workdir: `/${deep(64)}` }, { workdir: `/${deep(65)}` }],
    [
      "4,096 folders together",
      filesAt([...wide(99), ...Array.from({ length: 37 }, (_, index) => `x${index}/f`)]),
      filesAt([...wide(99), ...Array.from({ length: 38 }, (_, index) => `x${index}/f`)]),
    ],
    ["1,000 files", filesAt(names(1000)), filesAt(names(1001))],
    [
      "folders that files share, counted once",
      filesAt(Array.from({ length: 1000 }, (_, index) => `${deep(60)}${index}/f`)),
      filesAt(Array.from({ length: 1000 }, (_, index) => `${index}/a/b/c/d/e`)),
    ],
    ["PATH of 128 folders", { env: { PATH: ":".repeat(127) } }, { env: { PATH: ":".repeat(128) } }],
    ["PATH of folders 64 deep", { env: { PATH: `a:/${deep(64)}` } }, { env: { PATH: `a:/${deep(65)}` } }],
    [
      "10 MiB of stdin",
      { stdin: { base64: Buffer.alloc(10 << 20).toString("base64") } },
      { stdin: "x".repeat((10 << 20) + 1) },
    ],
    [
      "10 MiB of stdin in base64",
      { stdin: { base64: Buffer.alloc(10 << 20).toString("base64") } },
      { stdin: { base64: Buffer.alloc((10 << 20) + 1).toString("base64") } },
    ],
    [
      "an argument of 128 KiB with its end",
      { args: ["x".repeat(128 * 1024 - 1)] },
      { args: ["x".repeat(128 * 1024)] },
    ],
    ["1 MiB of arguments with their ends", { args: largest(8) }, { args: [...largest(8), ""] }],
    [
      "256 KiB of variables with their = and ends",
      { env: { A: "x".repeat(128 * 1024 - 3), B: "x".repeat(128 * 1024 - 3) } },
      { env: { A: "x".repeat(128 * 1024 - 3), B: "x".repeat(128 * 1024 - 2) } },
    ],
    ["64 labels", labelled(64), labelled(65)],
    ["a label of 256 characters", { labels: { a: "x".repeat(256) } }, { labels: { a: "x".repeat(257) } }],
    ["64 patterns", { collect: names(64) }, { collect: names(65) }],
    ["a disk of 16 KiB", { resources: { disk: "16Ki" } }, { resources: { disk: "16383" } }],
    ["one process", { resources: { pids: 1 } }, { resources: { pids: 0 } }],
    ["a million processes", { resources: { pids: 1_000_000 } }, { resources: { pids: 1_000_001 } }],
    [
      "32 digits of a size",
      { resources: { memory: "1".padStart(32, "0") } },
      { resources: { memory: "1".padStart(33, "0") } },
    ],
    ["an engine of 64 characters", { engine: "e".repeat(64) }, { engine: "e".repeat(65) }],
    [
      "10,000 arguments",
      { args: Array.from({ length: 10_000 }, () => "") },
      { args: Array.from({ length: 10_001 }, () => "") },
    ],
    [
      "256 stars",
      { collect: ["a*".repeat(200), "*b".repeat(56)] },
      { collect: ["a*".repeat(201), "*b".repeat(56)] },
    ],
    ["a pattern 64 folders deep", { collect: [`${deep(64)}*`] }, { collect: [`${deep(65)}*`] }],
    ["a result 64 folders deep", { resultFile: `${deep(64)}r` }, { resultFile: `${deep(65)}r` }],
  ])("ABUSE 33: takes %s and no more", (_what, most, more) => {
    expect(problemsOf({ command: "true", ...most })).toEqual([]);
    expect(problemsOf({ command: "true", ...more })).toHaveLength(1);
  });

  it("ABUSE 33: asks nothing else of a name that is too long", () => {
    const name = "a/".repeat(1_000_000);
    expect(problemsOf({ command: "true", collect: [name], resultFile: name, files: { [name]: "" } })).toEqual(
      [`files.${name}`, "collect.0", "resultFile"],
    );
  });

  it("takes 10 MiB of files exactly, counted after decoding", () => {
    const base64 = Buffer.alloc(5 << 20).toString("base64");
    expect(problemsOf({ command: "true", files: { a: { base64 }, b: { base64 } } })).toEqual([]);
  });

  it("takes numbers where a unit has one, and keeps them as text", () => {
    expect(jobSpec.parse({ command: "x", resources: { cpu: 2, memory: 1024 } }).resources).toEqual({
      cpu: "2",
      memory: "1024",
    });
  });
});
