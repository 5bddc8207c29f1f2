import { expect, it } from "vitest";
import { createLogger, type LoggerOptions } from "./logger.ts";

function capture(options: Partial<LoggerOptions> = {}): {
  lines: string[];
  logger: ReturnType<typeof createLogger>;
} {
  const lines: string[] = [];
  const out = { write: (line: string) => void lines.push(line) };
  return { lines, logger: createLogger({ level: "info", format: "json", out, ...options }) };
}

it("writes one JSON object a line, with the time in UTC", () => {
  const { lines, logger } = capture();
  logger.info({ job: "j1" }, "Job ended");
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    job: "j1",
    msg: "Job ended",
  });
});

it("never writes a credential", () => {
  const { lines, logger } = capture();
  const headers = { authorization: "Bearer berth_x", cookie: "berth_x" };
  logger.info({
    headers,
    request: { headers, authorization: "berth_x" },
    token: "berth_x",
    user: { password: "berth_x" },
  });
  expect(lines.join("")).not.toContain("berth_x");
  expect(lines.join("").match(/\[secret\]/g)).toHaveLength(7);
});

it("keeps quiet below its level", () => {
  const { lines, logger } = capture({ level: "warn" });
  logger.info("not this");
  logger.warn("this");
  expect(lines).toHaveLength(1);
});

it("writes for people when asked, with the stack of an error below", () => {
  const { lines, logger } = capture({ format: "pretty" });
  logger.info({ job: "j1", why: "two words" }, "Job ended");
  logger.error({ err: new Error("disk on fire") }, "Cannot write");
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}Job ended {2}job=j1 why="two words"\n$/);
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d error Cannot write\n {4}Error: disk on fire\n {4} {4}at /);
});
