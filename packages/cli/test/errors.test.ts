import { chmodSync, writeFileSync, mkdirSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fail, ScriptedServer, send } from "../../sdk/test/support/scripted-server.ts";
import { runBerth } from "./support/run-berth.ts";

async function errorOf(words: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await runBerth(words, { env });
  expect(stdout).toBe("");
  return `${stderr}exit code ${code}`;
}

it("asks whether another command was meant", async () => {
  expect(await errorOf(["lst"])).toMatchInlineSnapshot(`
    "Error: Cannot read the command line: unknown command "lst"
    Fix: Did you mean list?
    exit code 118"
  `);
});

it.each(["server", "ca init", "store copy", "cert server"])(
  "says where `berth %s` is run, when the client is started by itself",
  async (words) => {
    const text = await errorOf([...words.split(" "), "--help"]);
    expect(text).toMatch(
      /^Error: Cannot run `berth (server|ca|store|cert server)`: this program is the client alone\n/,
    );
    expect(text).toMatch(/\nFix: Run bin\/berth .* on the server's host\nexit code 118$/);
  },
);

it("asks whether another flag was meant", async () => {
  expect(await errorOf(["run", "--memroy", "1Gi", "--", "true"])).toMatchInlineSnapshot(`
    "Error: Cannot read the command line: unknown option "--memroy"
    Fix: Did you mean --memory?
    exit code 118"
  `);
});

it("names a missing argument", async () => {
  expect(await errorOf(["status"])).toMatchInlineSnapshot(`
    "Error: Cannot tell which job is meant: there is no id
    Fix: Name it: \`berth list\` shows them
    exit code 118"
  `);
});

it("names a missing command of run", async () => {
  expect(await errorOf(["run", "--cpu", "1"])).toMatchInlineSnapshot(`
    "Error: Cannot make a job: there is no command
    Fix: Put it behind the flags: \`berth run -- CMD ARGS\`
    exit code 118"
  `);
});

it("names a word too many", async () => {
  expect(await errorOf(["list", "failed"])).toMatchInlineSnapshot(`
    "Error: Cannot read the command line: too many arguments for "list". Expected 0 arguments but got 1: failed
    Fix: See \`berth list --help\`
    exit code 118"
  `);
});

it("names a flag without its value", async () => {
  expect(await errorOf(["output", "ID", "--offset"])).toMatchInlineSnapshot(`
    "Error: Cannot read the command line: option "--offset <N>" argument missing
    Fix: See \`berth output --help\`
    exit code 118"
  `);
});

it("names the choices of a flag", async () => {
  expect(await errorOf(["output", "ID", "--stream", "both"])).toMatchInlineSnapshot(`
    "Error: Cannot read the command line: option "--stream <STREAM>" argument "both" is invalid. Allowed choices are all, stdout, stderr
    Fix: See \`berth output --help\`
    exit code 118"
  `);
});

it("names a number that is none", async () => {
  expect(await errorOf(["run", "--pids", "many", "--", "true"])).toMatchInlineSnapshot(`
    "Error: Cannot read --pids "many": it is not a whole number
    Fix: Write it like --pids 64
    exit code 118"
  `);
});

it("names a state that is none", async () => {
  expect(await errorOf(["list", "--state", "done"])).toMatchInlineSnapshot(`
    "Error: Cannot list jobs in state "done": there is no such state
    Fix: Choose from queued, preparing, running, stopping, succeeded, failed, canceled, lost
    exit code 118"
  `);
});

it("names a label without a value", async () => {
  expect(await errorOf(["run", "--label", "team", "--", "true"])).toMatchInlineSnapshot(`
    "Error: Cannot read --label "team": there is no key before a =
    Fix: Write it like --label key=value
    exit code 118"
  `);
});

it("names a variable that is not set", async () => {
  expect(await errorOf(["run", "--env", "NOT_SET", "--", "true"])).toMatchInlineSnapshot(`
    "Error: Cannot pass --env NOT_SET: it is not set here
    Fix: Set it, or write --env NOT_SET=VALUE
    exit code 118"
  `);
});

it("names a file that is not there", async () => {
  expect(await errorOf(["run", "--file", "/nonexistent.csv", "--", "true"])).toMatchInlineSnapshot(`
    "Error: Cannot send "/nonexistent.csv": it does not exist (ENOENT)
    Fix: Name a file that can be read, of at most 10 MiB, with --file
    exit code 118"
  `);
});

it("names a directory given as a file", async () => {
  expect(await errorOf(["run", "--file", "/usr", "--", "true"])).toMatchInlineSnapshot(`
    "Error: Cannot send "/usr": it is a directory
    Fix: Send its files one by one with --file, or all of it with --dir
    exit code 118"
  `);
});

it("stops reading a file that never ends", async () => {
  expect(await errorOf(["run", "--stdin", "/dev/zero", "--", "true"])).toMatchInlineSnapshot(`
    "Error: Cannot send "/dev/zero": it is larger than 10 MiB
    Fix: Name a file that can be read, of at most 10 MiB, with --stdin
    exit code 118"
  `);
});

it("says that nobody listens, with or without a token", async () => {
  const server = await new ScriptedServer().listen();
  const { url } = server;
  await server[Symbol.asyncDispose]();
  const text = await errorOf(["list", "--url", url]);
  expect(text.replace(url, "URL")).toMatchInlineSnapshot(`
    "Error: Cannot reach the server "URL": nobody listens there
    Fix: Start it with \`berth server\`, or set BERTH_URL
    Code: SERVER_UNREACHABLE
    exit code 122"
  `);
  expect(await errorOf(["list", "--url", url], { BERTH_TOKEN: "t" })).toBe(text);
});

it("says where it looked for a token", async () => {
  await using server = await new ScriptedServer().listen();
  const text = await errorOf(["list"], { BERTH_URL: server.url });
  expect(text.replace(server.url, "URL")).toMatchInlineSnapshot(`
    "Error: Cannot talk to "URL": there is no token in /nonexistent/admin-token that this user may read
    Fix: Set BERTH_TOKEN, or keep a token with \`berth login --token-file FILE\`; a fresh server writes one to \`<data>/admin-token\`
    Code: UNAUTHENTICATED
    exit code 119"
  `);
});

it("refuses a URL that is none", async () => {
  expect(await errorOf(["list"], { BERTH_URL: "berth.example", BERTH_TOKEN: "t" })).toMatchInlineSnapshot(`
    "Error: Cannot use the URL "berth.example": it must begin with http:// or https://
    Fix: Correct the settings named above
    Code: SETTINGS_INVALID
    exit code 118"
  `);
});

it("names a job that is not there", async () => {
  await using server = await new ScriptedServer().listen();
  const env = { BERTH_URL: server.url, BERTH_TOKEN: "t" };
  expect(await errorOf(["status", "0199"], env)).toMatchInlineSnapshot(`
    "Error: Cannot find job "0199": no id of yours begins so, and no name is this
    Fix: Check the id with \`berth list\`
    Code: JOB_NOT_FOUND
    exit code 120"
  `);
});

it("says which flags are wrong when the server refuses a job", async () => {
  await using server = await new ScriptedServer().listen();
  server.intercept = (_request, response) => {
    const problems = [
      { field: "resources.memory", message: "must be written like 512Mi" },
      { field: 'files["a b"].base64', message: "must be base64" },
      { field: "command", message: "must not be empty" },
    ];
    send(response, 400, {
      code: "REQUEST_INVALID",
      message: "Cannot accept the job: 3 fields are wrong",
      problems,
    });
    return true;
  };
  const env = { BERTH_URL: server.url, BERTH_TOKEN: "t" };
  expect(await errorOf(["run", "--memory", "lots", "--", ""], env)).toMatchInlineSnapshot(`
    "Error: Cannot accept the job: 3 fields are wrong
      --memory: must be written like 512Mi
      --file["a b"].base64: must be base64
      --command: must not be empty
    Fix: Correct what is named above
    Code: REQUEST_INVALID
    exit code 118"
  `);
});

it("names the request of an internal error, and obeys no control characters of the server", async () => {
  await using server = await new ScriptedServer().listen();
  server.intercept = (_request, response) => (
    fail(response, "INTERNAL", "Cannot\u001b]0;owned\u0007 go on: it failed"), true
  );
  const env = { BERTH_URL: server.url, BERTH_TOKEN: "t" };
  expect(await errorOf(["list"], env)).toMatchInlineSnapshot(`
    "Error: Cannot\\x1b]0;owned\\x07 go on: it failed
    Fix: Look up the request id in the server's log
    Code: INTERNAL, request req-1
    exit code 125"
  `);
});

it("refuses a configuration file with a token that others may read", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth-cli-"));
  mkdirSync(join(folder.path, "berth"));
  const file = join(folder.path, "berth", "config.json");
  writeFileSync(file, JSON.stringify({ url: "http://127.0.0.1:1", token: "secret" }));
  chmodSync(file, 0o644);
  const text = await errorOf(["list"], { XDG_CONFIG_HOME: folder.path });
  expect(text).not.toContain("secret");
  expect(text.replace(folder.path, "")).toMatchInlineSnapshot(`
    "Error: Cannot use the token in "/berth/config.json": others may read or change it (mode 0644): run chmod 600
    Fix: Correct the settings named above
    Code: SETTINGS_INVALID
    exit code 118"
  `);
});
