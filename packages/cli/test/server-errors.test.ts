import type { ErrorCode } from "@berth/sdk";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fail, send } from "../../sdk/test/support/scripted-server.ts";
import { writeCertificates } from "../../server/test/support/certificates.ts";
import { startInProcessServer } from "../../server/test/support/in-process-server.ts";
import { tempFolder } from "../../server/test/support/temp-folder.ts";
import { runBerth, startBerth } from "./support/run-berth.ts";
import { scriptedCli } from "./support/scripted-cli.ts";

const cli = scriptedCli();

function refuseAll(code: ErrorCode, message: string): void {
  cli.server.intercept = (_request, response) => {
    fail(response, code, message);
    return true;
  };
}

describe("an answer that refuses", () => {
  it.each([
    ["UNAUTHENTICATED", 119],
    ["FORBIDDEN", 119],
    ["JOB_NOT_FOUND", 120],
    ["JOB_FINISHED", 121],
    ["QUEUE_FULL", 121],
    ["REQUEST_INVALID", 118],
    ["INTERNAL", 125],
    ["STORAGE_FAILED", 125],
  ] as const)("%s ends with %i, and is told with its code and the request", async (code, wanted) => {
    refuseAll(code, "Cannot do this: so it is");
    const { code: exit, stderr } = await runBerth(["list"], cli.options());
    expect(exit).toBe(wanted);
    expect(stderr).toMatch(/^Error: Cannot do this: so it is\nFix: .+\nCode: [A-Z_]+, request req-1\n/);
    expect(stderr).toContain(`Code: ${code}`);
  });

  it("that does not know the token says where that came from", async () => {
    refuseAll("UNAUTHENTICATED", "Cannot authenticate: the token is not known");
    const { stderr } = await runBerth(["list"], cli.options());
    expect(stderr).toMatch(/\nServer: http:\S+, over REST, with the token of BERTH_TOKEN\n$/);
  });

  it("is mended as the server says, in flags where it speaks of fields", async () => {
    cli.server.intercept = (_request, response) => {
      const body = { code: "LIMIT_NOT_ENFORCEABLE", fix: "Leave out `resources.memory`" };
      send(response, 422, {
        ...body,
        message: "Cannot submit: `timeouts.run` is too long",
        requestId: "r-9",
      });
      return true;
    };
    expect((await runBerth(["run", "--", "x"], cli.options())).stderr).toBe(
      [
        "Error: Cannot submit: `--timeout` is too long",
        "Fix: Leave out `--memory`",
        "Code: LIMIT_NOT_ENFORCEABLE, request r-9",
        "",
      ].join("\n"),
    );
  });

  it("names the flag of what this host cannot do, and how else to go on", async () => {
    cli.server.intercept = (_request, response) => {
      const problems = [{ field: "resources.memory", message: "this host cannot" }];
      send(response, 422, {
        code: "LIMIT_NOT_ENFORCEABLE",
        message: "Cannot submit job: resources.memory",
        problems,
      });
      return true;
    };
    const { stderr } = await runBerth(["run", "--memory", "64M", "--", "x"], cli.options());
    expect(stderr).toContain("\n  --memory: this host cannot\nFix: Leave the limit out, run on a host that");
  });

  it("tells the server, and what lies behind it, with --verbose", async () => {
    const url = cli.server.url;
    refuseAll("FORBIDDEN", "Cannot do this");
    const { stderr } = await runBerth(["list", "--verbose"], cli.options());
    expect(stderr).toContain(`Server: ${url}, over REST, with the token of BERTH_TOKEN`);
    const away = await runBerth(["list", "--verbose", "--url", "http://127.0.0.1:1"], {
      env: { BERTH_TOKEN: "t" },
    });
    expect(away.stderr).toMatch(/Code: SERVER_UNREACHABLE\nServer: http.*\nBecause: .*\(ECONNREFUSED\)/);
  });

  it("breaks between words on a terminal", async () => {
    refuseAll("FORBIDDEN", "Cannot do this because there is a very long reason that goes on and on");
    const running = startBerth(["list"], cli.options({ terminal: true, columns: 40 }));
    await running.code;
    const lines = running.stderr.text.trimEnd().split("\n");
    expect(lines.filter((line) => line.length > 40)).toEqual([]);
    expect(lines.slice(0, 2)).toEqual([
      "Error: Cannot do this because there is a",
      "     very long reason that goes on and",
    ]);
  });
});

describe("output that cannot be written", () => {
  it.each([
    ["ENOSPC", "the disk is full (ENOSPC)", "Make room there"],
    ["EPERM", "the system does not permit it (EPERM)", "Change who may do that"],
    ["EIO", "the device fails (EIO)", "Send it elsewhere"],
  ])("for %s is told in words, with what helps", async (code, why, fix) => {
    const job = cli.server.add();
    job.enter("running");
    job.write("stdout", "one\n");
    const running = startBerth(["output", "--follow", job.id], cli.options());
    await running.stdout.shows(/one/);
    running.stdout.emit("error", Object.assign(new Error(code), { code }));
    job.write("stdout", "two\n");
    expect(await running.code).toBe(125);
    expect(running.stderr.text).toContain(`Error: Cannot write the output: ${why}\nFix: ${fix}`);
  });
});

describe("a server that goes away while `run` follows its job", () => {
  it("is said to be away, and to be back, over REST", async () => {
    cli.tell((job) => {
      job.enter("running");
      job.write("stdout", "begin\n");
    });
    const running = startBerth(["run", "--", "x"], cli.options());
    await running.stdout.shows(/begin/);
    cli.server.intercept = (_request, response) => {
      response.destroy();
      return true;
    };
    cli.server.cutAll();
    await running.stderr.shows(/berth: The server does not answer: the connection was cut; trying again/);
    cli.server.intercept = () => false;
    await running.stderr.shows(/berth: The server answers again\n/);
    const [job] = cli.server.jobs.values();
    job?.write("stdout", "end\n");
    job?.enter("succeeded", { exitCode: 0 });
    expect([await running.code, running.stdout.text]).toEqual([0, "begin\nend\n"]);
  });

  it("is not spoken of with --quiet", async () => {
    cli.tell((job) => {
      job.enter("running");
      job.write("stdout", "begin\n");
    });
    const running = startBerth(["run", "--quiet", "--", "x"], cli.options());
    await running.stdout.shows(/begin/);
    let refused = 0;
    cli.server.intercept = (_request, response) => {
      if (refused === 3) return false;
      refused += 1;
      response.destroy();
      return true;
    };
    cli.server.cutAll();
    await expect.poll(() => refused).toBe(3);
    for (const job of cli.server.jobs.values()) job.enter("succeeded", { exitCode: 0 });
    expect([await running.code, running.stderr.text]).toEqual([0, ""]);
  });

  it("is said to be away, and to be back, over gRPC", async () => {
    await using temp = tempFolder();
    const certs = join(temp.path, "certs");
    await writeCertificates(certs, { clients: ["ann"] });
    const settings = { BERTH_GRPC_CERTS: certs, BERTH_DATA_DIR: join(temp.path, "data") };
    const first = await startInProcessServer({ ...settings, BERTH_GRPC_ADDRESS: "localhost:0" });
    const target = `localhost:${first.grpcPort}`;
    const env = { BERTH_GRPC: target, BERTH_CLIENT_CRED_LOCATION: join(certs, "ann") };
    const running = startBerth(["run", "--", "fake", "print=begin", "run-for=3s", "print=end"], { env });
    await running.stdout.shows(/begin/);
    await first[Symbol.asyncDispose]();
    await running.stderr.shows(/berth: The server does not answer: .*; trying again/);
    await using _second = await startInProcessServer({ ...settings, BERTH_GRPC_ADDRESS: target });
    await running.stderr.shows(/berth: The server answers again\n/);
    expect([await running.code, running.stdout.text]).toEqual([0, "begin\nend\n"]);
  });
});
