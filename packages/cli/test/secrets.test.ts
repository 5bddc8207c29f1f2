import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Secret } from "@berth/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openServerBench, type ServerBench } from "../../server/test/support/server-bench.ts";
import type { ServerProcess } from "../../server/test/support/server-process.ts";
import { askHidden } from "../src/core/prompt/ask-hidden.ts";
import { runBerth } from "./support/run-berth.ts";

let bench: ServerBench;
let server: ServerProcess;
beforeAll(async () => {
  bench = openServerBench("fake");
  server = await bench.start();
});
afterAll(() => bench[Symbol.asyncDispose]());

async function berth(argv: string[], stdin = ""): ReturnType<typeof runBerth> {
  const token = readFileSync(join(bench.root, "data", "admin-token"), "utf8").trim();
  return runBerth(argv, { env: { BERTH_URL: server.url, BERTH_TOKEN: token }, stdin });
}

it("keeps, lists, shows, changes and deletes a secret, and shows what it holds nowhere", async () => {
  const file = join(bench.root, "password.txt");
  writeFileSync(file, "correct-horse\n");
  const flags = ["--file", `${file}:password`, "--key", "user", "--key", "host"];
  const created = await berth(["secret", "create", "database", ...flags], "berth-user\ndb.internal\n");
  const mask = "*".repeat(12);
  expect(created.stdout).toBe(`database  version 1\n  host  ${mask}\n  password  ${mask}\n  user  ${mask}\n`);
  const changed = await berth(
    ["secret", "update", "database", "--remove", "host", "--file", "-:token", "--json"],
    "t0ken-value",
  );
  expect(Object.keys((JSON.parse(changed.stdout) as Secret).values)).toEqual(["password", "token", "user"]);
  expect((await berth(["secret", "list"])).stdout).toMatch(/^database +stored +2 +password, token, user$/m);
  expect((await berth(["secret", "rotate-key"])).stdout).toMatch(
    /^Master key k-\w+ seals all; 1 sealed anew$/m,
  );
  expect((await berth(["secret", "delete", "database"])).stdout).toBe("database\n");
  expect((await berth(["secret", "get", "database"])).code).toBe(120);
});

it.each([
  [["create", "db", "--key", "a", "--key", "b"], "one\n", "it has 1 lines for 2 keys"],
  [["create", "db", "--key", "a", "--file", "-:a"], "correct-horse", 'Cannot set "a" twice'],
  [["create"], "", "there is no name"],
])("says what is wrong with %j", async (argv, stdin, why) => {
  expect((await berth(["secret", ...argv], stdin)).stderr).toContain(why);
});

it("gives a job secrets as files and variables, and shows what it prints of them masked", async () => {
  await berth(
    ["secret", "create", "db", "--key", "password", "--key", "user"],
    "correct-horse\nberth-user\n",
  );
  const flags = ["--secret", "db:user", "--secret-env", "PASS=db:password"];
  const run = await berth(["run", ...flags, "--", "fake", "secret=user", "print=", "env"]);
  expect([run.code, run.stdout.split("\n")[0]]).toEqual([0, "*".repeat(10)]);
  expect(run.stdout).toContain(`PASS=${"*".repeat(13)}\n`);
  const wrong = await berth(["run", "--secret", "db", "--secret-env", "PASS=db:password", "--", "fake"]);
  expect(wrong.stderr).toContain('Cannot give all keys of "db" and one of them as a variable');
  expect((await berth(["run", "--secret-env", "PASS", "--", "fake"])).stderr).toContain(
    'Cannot read --secret-env "PASS"',
  );
});

it("asks for a value on a terminal without showing it, and is broken off", async () => {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (on: boolean) => void modes.push(on),
  });
  const stderr = new PassThrough({ encoding: "utf8" });
  const asked = askHidden("password", { stdin, stderr });
  stdin.write("corrext");
  stdin.write("\u007f\u007f");
  stdin.write("ct-horse\r");
  expect(await asked).toBe("correct-horse");
  expect([stderr.read(), modes]).toEqual(["password: \n", [true, false]]);
  const broken = askHidden("password", { stdin, stderr });
  stdin.write("corr\u0003");
  await expect(broken).rejects.toThrow("broken off");
  expect(modes).toEqual([true, false, true, false]);
});
