import { expect, it } from "vitest";
import { inputOfJob, jobOfTask, subdirOf } from "./job-of-task.ts";

const task = { runner: "reports", command: "echo" };

it("runs a text by the shell, and a list as it is", () => {
  expect(jobOfTask({ runner: {}, task }, "{}")).toEqual({
    command: "/bin/sh",
    args: ["-c", "echo"],
    env: { EXTRA_VARS: "{}" },
  });
  const list = jobOfTask({ runner: {}, task: { ...task, command: ["echo", "", "a b"] } }, "{}");
  expect([list.command, list.args]).toEqual(["echo", ["", "a b"]]);
});

it("gives an input as a variable up to 96 KiB, and a longer one as a file", () => {
  const short = `"${"é".repeat(48 * 1024 - 1)}"`;
  expect(Buffer.byteLength(short)).toBe(96 * 1024);
  expect(jobOfTask({ runner: {}, task }, short)).toMatchObject({ env: { EXTRA_VARS: short } });
  const long = `${short} `;
  const job = jobOfTask({ runner: {}, task }, long);
  expect(job.env).toEqual({ EXTRA_VARS_FILE: "/work/.berth-input.json" });
  expect(job.files).toEqual({ ".berth-input.json": long });
});

it("takes each limit from the task, else from the runner, and secrets of both", () => {
  const runner = {
    engine: "local",
    network: "internet",
    resources: { memory: "1Gi", cpu: "2", io: { read: "1MiB/s" } },
    timeouts: { run: "1m", idle: "5s" },
    secrets: [{ name: "db" }, { name: "mail" }],
  };
  const own = {
    ...task,
    network: "none",
    resources: { memory: "2Gi", io: { write: "2MiB/s" } },
    timeouts: { run: "2m" },
    secrets: [{ name: "db", keys: ["password"] }],
    collect: ["out/**"],
    resultFile: "r.json",
    output: { limit: "1MiB" },
  };
  expect(jobOfTask({ runner, task: own }, "{}")).toEqual({
    command: "/bin/sh",
    args: ["-c", "echo"],
    env: { EXTRA_VARS: "{}" },
    engine: "local",
    network: "none",
    resources: { memory: "2Gi", cpu: "2", io: { read: "1MiB/s", write: "2MiB/s" } },
    timeouts: { run: "2m", idle: "5s" },
    secrets: [{ name: "mail" }, { name: "db", keys: ["password"] }],
    collect: ["out/**"],
    resultFile: "r.json",
    output: { limit: "1MiB" },
  });
});

it("takes what only one of the two says from that one", () => {
  const resources = { memory: "1Gi", io: { read: "1MiB/s" } };
  const job = (of: object, own: object) => jobOfTask({ runner: of, task: { ...task, ...own } }, "{}");
  expect(job({ resources }, {}).resources).toEqual(resources);
  expect(job({}, { resources }).resources).toEqual(resources);
  expect(job({ resources }, { resources: { cpu: "1" } }).resources).toEqual({ ...resources, cpu: "1" });
  expect(job({ resources: { cpu: "1" } }, { resources }).resources).toEqual({ ...resources, cpu: "1" });
  expect(job({ resources: { cpu: "1" } }, { resources: { cpu: "2" } }).resources).toEqual({ cpu: "2" });
  expect(job({ timeouts: { run: "1m" } }, {}).timeouts).toEqual({ run: "1m" });
  expect(job({}, { timeouts: { run: "1m" } }).timeouts).toEqual({ run: "1m" });
});

it("is called, labelled and put in order as its run says", () => {
  const words = { name: "n", labels: { a: "b" }, priority: 3 };
  expect(jobOfTask({ runner: {}, task, words }, "{}")).toMatchObject(words);
  expect(Object.keys(jobOfTask({ runner: {}, task, words: {} }, "{}"))).toEqual(["command", "args", "env"]);
});

it("begins in the folder of its tree that the runner names, which is read back from it", () => {
  const job = jobOfTask({ runner: { url: "https://a/b", subdir: "jobs/x" }, task }, "{}");
  expect([job.workdir, subdirOf(job)]).toEqual(["/work/jobs/x", "jobs/x"]);
  const others = [{}, { workdir: "/work" }, { workdir: "/tmp" }, { workdir: "/a/work/" }];
  expect(others.map((other) => subdirOf(other))).toEqual([null, null, null, null]);
});

it("gives its input back from where that stands, or nothing where it stands nowhere any more", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const files = [
    { name: "other", content: bytes("x") },
    { name: ".berth-input.json", content: bytes('"long"') },
  ] as never;
  expect(inputOfJob({ env: { EXTRA_VARS: "{}" } }, { files })).toEqual(bytes("{}"));
  expect(inputOfJob({ env: { EXTRA_VARS_FILE: "/work/.berth-input.json" } }, { files })).toEqual(
    bytes('"long"'),
  );
  expect(inputOfJob({}, { files: [] })).toBeNull();
});
