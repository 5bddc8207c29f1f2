import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { text } from "node:stream/consumers";

/**
 * Runs every `check:…` script of package.json at the same time; prints a line for each, and why it failed. `--tests-follow`
 * leaves out what is a test: who runs all of them next has it there.
 */

const root = resolve(import.meta.dirname, "..");
const PREFIX = "check:";
const testsFollow = process.argv.includes("--tests-follow");

type Step = { name: string; command: string };

const results = await Promise.all(readSteps().map(runStep));
if (results.includes(false)) process.exitCode = 1;

function readSteps(): Step[] {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  return Object.entries(manifest.scripts)
    .filter(
      ([name, command]) => name.startsWith(PREFIX) && !(testsFollow && command.startsWith("vitest run ")),
    )
    .map(([name, command]) => ({ name: name.slice(PREFIX.length), command }));
}

async function runStep(step: Step): Promise<boolean> {
  const started = performance.now();
  const bin = join(root, "node_modules", ".bin");
  const child = spawn("/bin/sh", ["-c", `{ ${step.command}; } 2>&1`], {
    cwd: root,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = new Promise<number | null>((settle, fail) => child.on("close", settle).on("error", fail));
  const output = await text(child.stdout);
  const passed = (await exit) === 0;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? "ok    " : "FAILED"}  ${step.name.padEnd(9)} ${seconds} s`);
  if (!passed) console.log(indent(output));
  return passed;
}

function indent(output: string): string {
  return output.trimEnd().replace(/^/gm, "        ");
}
