import { dirname } from "node:path";
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

/** The modules that a command has loaded when it ends, by what the loader says of each. */
function loadedBy(words: string[]): string[] {
  const hook = `
    import { registerHooks } from "node:module";
    import { writeSync } from "node:fs";
    registerHooks({ load(url, context, next) { writeSync(2, "loaded " + url + "\\n"); return next(url, context); } });
  `;
  const main = new URL("../src/main.ts", import.meta.url).pathname;
  const script = `${process.execPath} --conditions=berth-source --import "$HOOK" ${main} ${words.join(" ")} 2>&1 || true`;
  const text = execFileSync("sh", ["-c", script], {
    env: {
      HOOK: `data:text/javascript,${encodeURIComponent(hook)}`,
      HOME: "/nonexistent",
      BERTH_URL: "http://127.0.0.1:2",
      BERTH_TOKEN: "t",
    },
    encoding: "utf8",
  });
  return [...text.matchAll(/^loaded (.*)$/gm)].map(([, url = ""]) => url);
}

it("starts without the schemas and without the modules of other commands", () => {
  const loaded = loadedBy(["stop", "ID"]);
  const named = (part: string): string[] => loaded.filter((url) => url.includes(part));
  expect(named("commands/job/stop.ts")).toHaveLength(1);
  expect(named("packages/sdk/src/client.ts")).toHaveLength(1);
  expect([
    ...named("zod"),
    ...named("commands/submit/run.ts"),
    ...named("cli-table3"),
    ...named("@bomb.sh"),
  ]).toEqual([]);
});

it("prints completion scripts that the shell understands", () => {
  const launcher = new URL("../../../bin/berth", import.meta.url).pathname;
  const env = {
    PATH: process.env["PATH"],
    BERTH_FROM_SOURCE: "1",
    HOME: "/nonexistent",
    BERTH_DATA_DIR: "/nonexistent",
  };
  const script = execFileSync(launcher, ["completion", "bash"], { env, encoding: "utf8" });
  const complete = (words: string): string =>
    execFileSync(
      "bash",
      ["--norc", "-c", `${script}\nCOMP_WORDS=(${words}); COMP_CWORD=1; _berth; echo "\${COMPREPLY[@]}"`],
      {
        env: { ...env, PATH: `${dirname(launcher)}:${env.PATH}` },
        encoding: "utf8",
      },
    );
  expect(complete("berth st")).toBe("start status stop store\n");
  // What was typed half is not run.
  expect(complete("berth '$(echo st)'")).toBe("\n");
  const asked = (...words: string[]): string =>
    execFileSync(launcher, ["complete", "--", ...words], { env, encoding: "utf8" });
  expect(asked("st")).toMatch(/^start\t.*\nstatus\t.*\nstop\t.*\nstore\t.*\n:4\n$/);
  expect(asked("run", "--overflow", "")).toMatch(/^stop\t\ndiscard\t\n/);
  expect(asked("run", "--file", "")).toBe(":0\n");
  expect(asked("run", "python3", "x")).toBe(":0\n");
  expect(asked("status", "")).toBe(":4\n");
  expect(asked("status", "--g")).toMatch(/^--grpc\t/);
  expect(asked("rm", "--g")).toBe(":4\n");
});
