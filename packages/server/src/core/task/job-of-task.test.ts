import { expect, it } from "vitest";
import { jobOfTask } from "./job-of-task.ts";

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
