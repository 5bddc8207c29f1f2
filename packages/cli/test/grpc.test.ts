import { chmodSync, copyFileSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "@berth/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeCertificates } from "../../server/test/support/certificates.ts";
import { type InProcessServer, startInProcessServer } from "../../server/test/support/in-process-server.ts";
import { type TempFolder, tempFolder } from "../../server/test/support/temp-folder.ts";
import { runBerth, startBerth } from "./support/run-berth.ts";

let temp: TempFolder;
let server: InProcessServer;
let target: string;
beforeAll(async () => {
  temp = tempFolder();
  await writeCertificates(certs(), { clients: ["ann", "bob"] });
  server = await startInProcessServer({ BERTH_GRPC_ADDRESS: "localhost:0", BERTH_GRPC_CERTS: certs() });
  target = `localhost:${server.grpcPort}`;
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await temp[Symbol.asyncDispose]();
});

const certs = (name = ""): string => join(temp.path, "certs", name);
const as = (name: string) => ({ env: { BERTH_CLIENT_CRED_LOCATION: certs(name) } });
const ann = (...argv: string[]) => runBerth([...argv, "--grpc", target], as("ann"));
const fake = ["--", "fake", "print=hello", "print-err=oops", "exit=3"];

/** A second may pass between two lists. */
const withoutAge = (text = ""): string => text.replace(/(succeeded|failed) +\d+s/, "$1");

/** The same command over gRPC: flags stand before the job's own words. */
const overGrpc = (command: string, ...rest: string[]) =>
  runBerth([command, "--grpc", target, ...rest], as("ann"));

describe("the verbs over gRPC", () => {
  it("run a job with its output on both streams and its exit code", async () => {
    expect(await overGrpc("run", ...fake)).toEqual({ code: 3, stdout: "hello\n", stderr: "oops\n" });
  });

  it("take the program by a flag, and after -- all are arguments", async () => {
    const started = await overGrpc("start", "--command", "fake", "--", "print=-n10", "exit=0");
    const id = started.stdout.trim();
    expect((await ann("output", "--follow", "--id", id)).stdout).toBe("-n10\n");
    const plain = await overGrpc("start", "--command", "fake", "print=x");
    expect((await ann("output", "--follow", "--id", plain.stdout.trim())).stdout).toBe("x\n");
  });

  it("show a job as REST shows it, word for word", async () => {
    const id = (await overGrpc("start", "--name", "same", "--label", "a=b", ...fake)).stdout.trim();
    await ann("output", "--follow", id);
    const rest = {
      env: { BERTH_URL: server.url, BERTH_TOKEN: server.api.authorization.slice("Bearer ".length) },
    };
    const both = async (...argv: string[]) => [
      (await ann(...argv)).stdout,
      (await runBerth(argv, rest)).stdout,
    ];
    for (const argv of [
      ["status", id],
      ["output", id],
      ["output", "--stream", "stderr", id],
      ["list", "--name", "same"],
    ]) {
      const [grpc, http] = await both(...argv);
      expect(withoutAge(grpc)).toBe(withoutAge(http));
    }
    const [grpc, http] = (await both("status", "--json", id)).map((text) => JSON.parse(text ?? "") as Job);
    // The original messages have no stages.
    expect({ ...grpc, spec: null }).toEqual({ ...http, spec: null, stages: undefined });
  });

  it("print every digit of a result as the job wrote it", async () => {
    const digits = '{"id":9007199254740993,"pi":3.14159265358979323846}';
    const ran = await overGrpc("run", "--json", "--", "fake", `print=^JSON\n${digits}\n^JSON`);
    expect(ran.stdout.replaceAll(/\s/g, "")).toContain(`"result":${digits}`);
  });

  it("take a name and the beginning of an id, and never another's", async () => {
    const id = (await overGrpc("start", "--name", "called", ...fake)).stdout.trim();
    expect((await ann("status", "called")).stdout).toContain(id);
    expect((await ann("status", id.slice(0, -1))).stdout).toContain(id);
    expect(await runBerth(["status", "--grpc", target, "called"], as("bob"))).toMatchObject({ code: 120 });
  });

  it("stop a job, and return when it has ended", async () => {
    const id = (await overGrpc("start", "--", "fake", "hang")).stdout.trim();
    const { code, stdout } = await ann("stop", "--grace", "1s", "--id", id);
    expect([code, stdout]).toEqual([0, `${id} is canceled: Stopped by ann\n`]);
  });

  it("wait, tell the events, and give more time", async () => {
    const id = (await overGrpc("start", "--timeout", "1h", "--", "fake", "hang")).stdout.trim();
    expect((await ann("extend", id, "10m")).stdout).toMatch(/ has 10m more, (until 20|once it runs)/);
    const waiting = ann("wait", id);
    await ann("stop", "--grace", "1s", id);
    expect(await waiting).toMatchObject({
      code: 143,
      stdout: expect.stringMatching(/^canceled: Stopped by ann/) as string,
    });
    const events = (await ann("events", id)).stdout.trim().split("\n");
    expect(events.at(-1)).toMatch(/^20\S+Z {2}canceled {3}Stopped by ann$/);
  });

  it("stop the job at Ctrl-C", async () => {
    const running = startBerth(["run", "--grpc", target, "--", "fake", "print=begin", "hang"], as("ann"));
    await running.stdout.shows(/begin/);
    running.signals.emit("SIGINT", "SIGINT");
    expect(await running.code).toBe(130);
  });

  it("show nobody else's jobs", async () => {
    const id = (await overGrpc("start", "--", "fake", "print=x")).stdout.trim();
    expect((await runBerth(["list", "--grpc", target], as("bob"))).stderr).toBe("berth: no jobs\n");
    const { code, stderr } = await runBerth(["status", "--grpc", target, id], as("bob"));
    expect([code, stderr.replace(/request [-0-9a-f]{36}/, "request ID")]).toEqual([
      120,
      `Error: Cannot find job "${id}"\nFix: Check the id with \`berth list\`\nCode: JOB_NOT_FOUND, request ID\n`,
    ]);
  });

  it("name wrong fields by their flags", async () => {
    const { code, stderr } = await overGrpc("start", "--memory", "lots", "--env", "1=x", "--", "fake");
    expect(code).toBe(118);
    expect(stderr).toContain("--memory: must be written like 512Mi");
    expect(stderr).toContain("--env");
  });

  it("say at once what only REST can do", async () => {
    for (const argv of [["rm", "x"], ["doctor"], ["run", "--download", ".", "--", "fake"]]) {
      const [command = "", ...rest] = argv;
      const { code, stderr } = await overGrpc(command, ...rest);
      expect([code, stderr]).toEqual([118, expect.stringContaining("Cannot do this over gRPC") as string]);
    }
  });

  it("go there by themselves where BERTH_GRPC says so", async () => {
    const env = { ...as("ann").env, BERTH_GRPC: target };
    expect((await runBerth(["list"], { env })).code).toBe(0);
  });

  it("take certificates from the older variable, with a note", async () => {
    const env = { CUTHOR_CLIENT_CRED_LOCATION: certs("ann") };
    const { code, stderr } = await runBerth(["list", "-n", "1", "--grpc", target], { env });
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("it is now called BERTH_CLIENT_CRED_LOCATION") as string,
    ]);
  });
});

describe("a certificate that does not do", () => {
  /** A copy of ann's folder, changed. */
  function changed(name: string, change: (folder: string) => void): string {
    const folder = certs(name);
    cpSync(certs("ann"), folder, { recursive: true });
    change(folder);
    return folder;
  }

  const cases: [string, (folder: string) => void, RegExp][] = [
    [
      "is not there",
      (folder) => rmSync(join(folder, "client.crt")),
      /client\.crt": it is not there\nFix: Get one with/,
    ],
    [
      "is no PEM",
      (folder) => writeFileSync(join(folder, "client.crt"), "x"),
      /client\.crt": it holds no certificate in PEM/,
    ],
    [
      "has another's key",
      (folder) => copyFileSync(join(certs("bob"), "client.key"), join(folder, "client.key")),
      /client\.key": it is not the key of the certificate/,
    ],
    [
      "has a key that all may read",
      (folder) => chmodSync(join(folder, "client.key"), 0o644),
      /client\.key": others may read or change it \(mode 0644\)\nFix: Run chmod 600/,
    ],
  ];
  it.each(cases)("because it %s is told in one sentence, with the file", async (name, change, wanted) => {
    const folder = changed(name.replaceAll(" ", "-"), change);
    const { code, stderr } = await runBerth(["list", "--grpc", target], {
      env: { BERTH_CLIENT_CRED_LOCATION: folder },
    });
    expect([code, stderr]).toEqual([118, expect.stringMatching(wanted) as string]);
    expect(stderr.trim().split("\n")).toHaveLength(2);
  });

  it("because it has expired is told with the time", async () => {
    await writeCertificates(certs("short"), { clients: ["ann"], ttlMs: 60_000 });
    const { readCredentials } = await import("../src/core/settings/credentials.ts");
    const env = { BERTH_CLIENT_CRED_LOCATION: join(certs("short"), "ann") };
    expect(() => readCredentials(env, Date.now() + 120_000)).toThrow(
      /client\.crt": the certificate expired on 20/,
    );
  });

  it("because another authority signed it, or the server's, is told apart", async () => {
    await writeCertificates(certs("other"), { clients: ["ann"] });
    const foreign = join(certs("other"), "ann");
    const ask = (folder: string) =>
      runBerth(["list", "--grpc", target], { env: { BERTH_CLIENT_CRED_LOCATION: folder } });
    expect((await ask(foreign)).stderr).toMatch(
      /ca\.crt did not sign the server's certificate\nFix: Copy the server's ca\.crt/,
    );
    copyFileSync(join(certs("ann"), "ca.crt"), join(foreign, "ca.crt"));
    expect((await ask(foreign)).stderr).toMatch(/it does not take .*client\.crt/);
  });

  it("is not even looked at where nobody listens, or no TLS is spoken", async () => {
    const ask = (where: string) => runBerth(["list", "--grpc", where], as("ann"));
    expect(await ask("localhost:1")).toMatchObject({
      code: 122,
      stderr: expect.stringContaining("nobody listens there") as string,
    });
    expect((await ask(new URL(server.url).host)).stderr).toContain("speaks no TLS");
    expect((await ask("no-such-host.invalid")).stderr).toContain("there is no such host");
  });
});
