import { describe, expect, it } from "vitest";
import { contentSize, jobSpec } from "./job-spec.ts";

function accepts(spec: object): boolean {
  return jobSpec.safeParse({ command: "true", ...spec }).success;
}

describe("a name of a job", () => {
  it.each(["a", "A", "7", "a-b", "a.b_c-d", "a".repeat(128), `${"a".repeat(127)}9`])("may be %j", (name) =>
    expect(accepts({ name })).toBe(true),
  );
  it.each(["", "-", "-a", "a-", ".a", "a.", "_a", "a/b", "a b", "a\n", "ä", "a".repeat(129)])(
    "may not be %j",
    (name) => expect(accepts({ name })).toBe(false),
  );
});

describe("a label", () => {
  it.each(["a", "Z", "0", "a/b", "berth.dev/team", "a-b_c.d/e", "a".repeat(63)])(
    "may be called %j",
    (label) => expect(accepts({ labels: { [label]: "" } })).toBe(true),
  );
  it.each(["", "/", "/a", "a/", "-a", "a-", "a b", "a=b", "a\n", "a".repeat(64)])(
    "may not be called %j",
    (label) => expect(accepts({ labels: { [label]: "" } })).toBe(false),
  );
});

describe("a variable", () => {
  it.each(["A", "_", "a1", "_9", "A".repeat(255)])("may be called %j", (name) =>
    expect(accepts({ env: { [name]: "" } })).toBe(true),
  );
  it.each(["", "1A", "A-B", "A B", "A=", "A\n", "A".repeat(256)])("may not be called %j", (name) =>
    expect(accepts({ env: { [name]: "" } })).toBe(false),
  );
});

describe("the fields of a job", () => {
  it("are taken as they are written", () => {
    const spec = {
      command: "sh",
      args: ["-c", "x"],
      name: "n",
      labels: { a: "b" },
      files: { "a/b": "text", c: { base64: "YQ==" } },
      stdin: "in",
      env: { A: "b", PATH: "/bin:" },
      workdir: "/work/a",
      resources: {
        cpu: "1.5",
        memory: "512Mi",
        memoryHigh: "256Mi",
        io: { read: "10MiB/s", write: "1M/s" },
        pids: 7,
        disk: "1Gi",
      },
      timeouts: { queue: "1m", start: "2m", run: "3m", idle: "4m", cpu: "5m" },
      output: { limit: "1Mi", overflow: "discard" },
      network: "none",
      collect: ["out/**"],
      resultFile: "r.json",
      engine: "local",
    };
    expect(jobSpec.parse(spec)).toEqual(spec);
    expect(jobSpec.parse({ ...spec, output: { overflow: "stop" } }).output).toEqual({ overflow: "stop" });
  });

  it.each([
    ["resources", { memry: "1Gi" }],
    ["resources", { io: { raed: "1M/s" } }],
    ["timeouts", { walk: "1m" }],
    ["output", { size: "1Mi" }],
    ["stdin", { base64: "YQ==", more: true }],
  ])("have no others: %s %j", (field, value) => expect(accepts({ [field]: value })).toBe(false));
});

it.each([
  ["", 0],
  ["abc", 3],
  ["ä€", 5],
  [{ base64: "" }, 0],
  [{ base64: "YQ==" }, 1],
  [{ base64: "YWI=" }, 2],
  [{ base64: "YWJj" }, 3],
])("counts the bytes of %j as %j", (content, bytes) => expect(contentSize(content)).toBe(bytes));

it("says of each wrong field what is wanted", () => {
  const wrong = {
    command: "x".repeat(128 * 1024),
    args: ["nul\0", ...Array.from({ length: 10_000 }, () => "y".repeat(110))],
    name: "-",
    labels: {
      "-": "",
      nul: "\0",
      ...Object.fromEntries(Array.from({ length: 63 }, (_, n) => [`l${n}`, ""])),
    },
    files: { "/a": "", ok: 7, b64: { base64: "?" }, [`${"d/".repeat(65)}f`]: "" },
    stdin: "x".repeat((10 << 20) + 1),
    env: { "1": "", NUL: "\0" },
    workdir: "work",
    resources: { cpu: "all", memory: "much", memoryHigh: "more", io: { read: "fast" }, disk: "1Ki" },
    timeouts: { run: "long" },
    output: { overflow: "drop" },
    network: "the Internet",
    collect: ["../x"],
    resultFile: "",
  };
  expect(sentencesOf(wrong)).toMatchInlineSnapshot(`
    [
      "command: must be shorter than 128 KiB, which is the longest argument Linux takes",
      "args: must hold at most 10000 arguments: put long lists into an input file",
      "name: must be 1 to 128 letters, digits and ._-, starting and ending with a letter or digit",
      "labels.-: must be 1 to 63 letters, digits and ._/-, starting and ending with a letter or digit",
      "labels.nul: must not hold a NUL character",
      "files./a: must be a relative path without \`..\`, \`.\` or empty parts",
      "files.ok: must be text or {"base64": "..."}",
      "files.b64.base64: must be base64 with padding, no line breaks",
      "files.d/d/d/d/d/d/d/...: must lie at most 64 folders deep: use fewer folders, or one archive that the job unpacks",
      "stdin: must hold at most 10 MiB: put more into input files",
      "env.1: must be 1 to 255 letters, digits and _, not starting with a digit",
      "env.NUL: must not hold a NUL character",
      "workdir: must be an absolute path",
      "resources.cpu: must be written like 1.5, 500m or 50%",
      "resources.memory: must be written like 512Mi",
      "resources.memoryHigh: must be written like 512Mi",
      "resources.disk: must be at least 16Ki: less than that no job can be made with",
      "resources.io.read: must be written like 10MiB/s",
      "timeouts.run: must be written like 90s",
      "output.overflow: Invalid option: expected one of "stop"|"discard"",
      "network: must be 1 to 63 letters a-z, digits and -, with a letter or digit at both ends",
      "collect.0: must be a relative path without \`..\`, \`.\` or empty parts",
      "resultFile: Too small: expected string to have >=1 characters",
      "resultFile: must be a relative path without \`..\`, \`.\` or empty parts",
    ]
  `);
});

it("says of each sum that is too large what it may be", () => {
  const files = Object.fromEntries(
    Array.from({ length: 1001 }, (_, n) => [`${n}/a/b/c/d/e`, "x".repeat(11_000)]),
  );
  expect(
    sentencesOf({
      command: "true",
      args: Array.from({ length: 10 }, () => "x".repeat(120_000)),
      labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`l${n}`, ""])),
      files,
      env: { A: "x".repeat(131_000), B: "x".repeat(131_000), PATH: `${"/d".repeat(65)}${":".repeat(128)}` },
      workdir: "/d".repeat(65),
      collect: [`a${"*".repeat(300)}`],
    }),
  ).toMatchInlineSnapshot(`
    [
      "args: must hold at most 1 MiB together",
      "labels: must hold at most 64 labels",
      "files: must hold at most 1000 files",
      "files: must hold at most 10 MiB together",
      "files: must lie in at most 4096 folders together: use fewer, or one archive that the job unpacks",
      "env: must hold at most 256 KiB together",
      "env.PATH: must name at most 128 folders: leave out those that the job does not need, or give the program's whole path",
      "env.PATH: must name folders at most 64 deep: give the program's whole path instead",
      "workdir: must be at most 64 folders deep: use a shorter one, and change into the rest from the command",
      "collect: must have at most 256 stars in all patterns together: name a folder to keep all that is in it",
    ]
  `);
  expect(sentencesOf({ command: "true", env: { PATH: ":".repeat(129) } })).toHaveLength(1);
  const beyond = { timeouts: { run: "100000d" }, resources: { memory: "9Pi", io: { read: "9Pi/s" } } };
  expect(sentencesOf({ command: "true", ...beyond })).toEqual([
    "resources.memory: must be less than 8Pi",
    "resources.io.read: must be less than 8Pi",
    "timeouts.run: must be at most 3650d, which is ten years",
  ]);
  expect(sentencesOf({ command: "true", args: ["a\0"] })).toEqual(["args.0: must not hold a NUL character"]);
});

function sentencesOf(spec: object): string[] {
  const { error } = jobSpec.safeParse(spec);
  return (error?.issues ?? []).flatMap((issue) => {
    const field = issue.path.join(".");
    const place = field.length > 40 ? `${field.slice(0, 20)}...` : field;
    const said = issue.code === "invalid_key" ? issue.issues : [issue];
    return said.map(({ message }) => `${place}: ${message}`);
  });
}
