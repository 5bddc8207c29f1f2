import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asTested, launcher } from "../../server/test/support/launcher.ts";
import { openServerBench, type ServerBench } from "../../server/test/support/server-bench.ts";
import type { ServerProcess } from "../../server/test/support/server-process.ts";
import { until } from "../../server/test/support/until.ts";
import { runBerth } from "./support/run-berth.ts";

const input = {
  required: ["month", "password"],
  properties: {
    month: { type: "string", pattern: "^\\d{4}-\\d{2}$", description: "Month of the report" },
    top: { type: "integer", default: 10, minimum: 1 },
    kind: { enum: ["long", "short"] },
    to: { properties: { city: { type: "string" } } },
    password: { type: "string", writeOnly: true },
  },
};

let bench: ServerBench;
let server: ServerProcess;
let env: Record<string, string>;
beforeAll(async () => {
  bench = openServerBench("fake");
  server = await bench.start();
  const token = readFileSync(join(bench.root, "data", "admin-token"), "utf8").trim();
  env = { BERTH_URL: server.url, BERTH_TOKEN: token };
  const spec = join(bench.root, "spec.json");
  writeFileSync(spec, JSON.stringify({ runner: "plays", command: ["fake", "env"], input }));
  await runBerth(["runner", "create", "plays"], { env });
  await runBerth(["task", "create", "report", "--spec", spec], { env });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** The program at a terminal of its own: what stands on it, and somebody who types. */
function atTerminal(words: readonly string[]) {
  const line = [launcher, ...words].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qfec", line, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env, HOME: bench.root, TERM: "xterm", NO_COLOR: "1", ...asTested },
  });
  let text = "";
  child.stdout.on("data", (part: Buffer) => (text += part.toString()));
  const shown = (): string => stripVTControlCharacters(text).replaceAll("\r", "");
  return {
    shown,
    /** Waits until this is asked for, and answers. */
    async answer(prompt: string, typed: string): Promise<void> {
      await until(() => shown().endsWith(prompt), { what: `the prompt "${prompt}"` }).catch(
        (cause: unknown) => {
          throw new Error(`There stands:\n${shown()}`, { cause });
        },
      );
      text += "\n";
      child.stdin.write(typed);
    },
    ended: once(child, "exit").then(([code]) => code as number),
  };
}

it("asks at a terminal for what the task takes, once more for what does not fit, and shows no secret", async () => {
  const terminal = atTerminal(["task", "run", "report"]);
  await terminal.answer("month: ", "\r");
  await terminal.answer("month: ", "May\r");
  await terminal.answer("top (whole number) [10]: ", "0\r");
  await terminal.answer("top (whole number) [10]: ", "\r");
  await terminal.answer("kind (one of long, short; may be left out): ", "short\r");
  await terminal.answer("to.city (may be left out): ", "\r");
  await terminal.answer("password (secret): ", "hush-hush\r");
  // The server knows the pattern: the others are not asked for again.
  await terminal.answer("month: ", "2026-05\r");
  expect(await terminal.ended).toBe(0);
  const shown = terminal.shown();
  expect(shown).toContain("  Month of the report\n");
  expect(shown).toContain("month is wanted");
  expect(shown).toContain("top must be at least 1");
  expect(shown).toContain("month must match pattern");
  const [asked = "", printed = ""] = shown.split("EXTRA_VARS=");
  expect(asked).not.toContain("hush");
  expect(printed).toMatch(/^\{"month":"2026-05","kind":"short","password":"hush-hush","top":10\}\n/);
});

it("asks beside what is set for what is required alone, and for nothing where it is told so", async () => {
  const terminal = atTerminal(["task", "run", "report", "--set", "month=2026-06"]);
  await terminal.answer("password (secret): ", "x\r");
  expect(await terminal.ended).toBe(0);
  expect(terminal.shown()).toContain('EXTRA_VARS={"month":"2026-06","password":"x","top":10}\n');
  const silent = atTerminal(["task", "run", "report", "--no-ask"]);
  expect(await silent.ended).toBe(118);
  expect(silent.shown()).toContain("month: is missing");
});

it("runs nothing where it is broken off", async () => {
  const terminal = atTerminal(["task", "run", "report"]);
  await terminal.answer("month: ", "2026-07\r");
  await terminal.answer("top (whole number) [10]: ", "\u0003");
  expect(await terminal.ended).not.toBe(0);
  expect(terminal.shown()).toContain("it was broken off");
  const jobs = JSON.parse(
    (await runBerth(["list", "--task", "report", "--json"], { env })).stdout,
  ) as object[];
  expect(jobs).toHaveLength(2);
});

it("shows what a task takes as the flags that say it", async () => {
  const help = await runBerth(["task", "run", "report", "--help"], { env });
  expect(help.stderr).toBe("");
  expect(help.stdout).toMatchInlineSnapshot(`
    "Usage: berth task run report [--input FILE] [--set FIELD=VALUE...]

    Input:
      --set month=TEXT       Month of the report (required)
      --set top=N            (whole number, default 10)
      --set kind=long|short
      --set to.city=TEXT
      --set password=TEXT    (required)

    --input takes the whole input from a file, - from yours; --set goes over it.
    At a terminal what is left out is asked for, unless there is --no-ask.
    All flags: \`berth task --help\`.
    "
  `);
  const unknown = await runBerth(["task", "run", "nothing", "--help"], { env });
  expect([unknown.code, unknown.stdout.startsWith("Usage: berth task"), unknown.stderr]).toEqual([
    0,
    true,
    'berth: Cannot find task "nothing"\n',
  ]);
});
