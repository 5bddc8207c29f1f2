import { join } from "node:path";
import type { Job } from "@berth/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeCertificates } from "../../server/test/support/certificates.ts";
import { type InProcessServer, startInProcessServer } from "../../server/test/support/in-process-server.ts";
import { type TempFolder, tempFolder } from "../../server/test/support/temp-folder.ts";
import { runBerth, startBerth } from "./support/run-berth.ts";

let temp: TempFolder;
let server: InProcessServer;
let doors: Record<"REST" | "gRPC", Record<string, string>>;
beforeAll(async () => {
  temp = tempFolder();
  const certs = join(temp.path, "certs");
  await writeCertificates(certs, { clients: ["ann"] });
  server = await startInProcessServer({ BERTH_GRPC_ADDRESS: "localhost:0", BERTH_GRPC_CERTS: certs });
  doors = {
    REST: { BERTH_URL: server.url, BERTH_TOKEN: server.api.authorization.slice("Bearer ".length) },
    gRPC: { BERTH_GRPC: `localhost:${server.grpcPort}`, BERTH_CLIENT_CRED_LOCATION: join(certs, "ann") },
  };
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await temp[Symbol.asyncDispose]();
});

/** Every way in which a job can end that can be played: its flags, its script, what `berth run` ends with, and its cause. */
const ends: [what: string, flags: string[], script: string[], code: number, cause: string][] = [
  ["succeeds", [], ["exit=0"], 0, "exit"],
  ["ends with a code of its own", [], ["exit=42"], 42, "exit"],
  ["is ended by a signal", [], ["signal=SIGSEGV"], 139, "signal"],
  ["obeys the TERM of a run timeout with 0", ["-t", "50ms"], ["on-term=0", "hang"], 124, "run_timeout"],
  ["dies of the TERM of a run timeout", ["-t", "50ms"], ["hang"], 124, "run_timeout"],
  [
    "says nothing for too long, and ends with 0",
    ["--idle-timeout", "50ms"],
    ["on-term=0", "hang"],
    124,
    "idle_timeout",
  ],
  ["cannot be made in time", ["--start-timeout", "50ms"], ["start-takes=5s"], 124, "start_timeout"],
  // Nothing of it is asked first: at that byte the job is over.
  [
    "prints too much, and would end with 0 if asked",
    ["--output-limit", "10"],
    ["on-term=0", "bytes=1KiB", "hang"],
    137,
    "output_limit",
  ],
  ["prints too much", ["--output-limit", "10"], ["bytes=1KiB", "hang"], 137, "output_limit"],
  ["needs too much memory", ["--memory", "1Mi"], ["use-memory=2Mi"], 137, "oom"],
  ["keeps too much", ["--disk", "1Mi"], ["save-bytes=x:2MiB", "hang"], 137, "disk_limit"],
  ["has no program", [], ["missing"], 127, "command_failed"],
  ["cannot be started", [], ["fail-start=job"], 126, "command_failed"],
  ["meets a host that fails", [], ["fail-start=engine"], 125, "engine_failed"],
  ["meets a host that fails while it runs", [], ["break=x"], 125, "engine_failed"],
  ["is lost", [], ["vanish"], 125, "lost"],
];

describe.each(["REST", "gRPC"] as const)("over %s `berth run` of a job that", (door) => {
  it.each(ends)("%s", async (_what, flags, script, code, cause) => {
    const plain = await runBerth(["run", ...flags, "--", "fake", ...script], { env: doors[door] });
    expect(plain.code).toBe(code);
    const json = await runBerth(["run", "--json", ...flags, "--", "fake", ...script], { env: doors[door] });
    const job = JSON.parse(json.stdout) as Job;
    expect([json.code, job.cause?.code, job.state === "succeeded"]).toEqual([code, cause, code === 0]);
  });

  it("somebody else stops, and that obeys with 0, does not end with 0", async () => {
    const name = `stopped-${door}`;
    const script = ["print=begin", "on-term=0", "hang"];
    const running = startBerth(["run", "--name", name, "--", "fake", ...script], { env: doors[door] });
    await running.stdout.shows(/begin/);
    const { stdout } = await runBerth(["list", "--name", name, "--json"], { env: doors[door] });
    const [job] = JSON.parse(stdout) as Job[];
    await runBerth(["stop", job?.id ?? ""], { env: doors[door] });
    expect(await running.code).toBe(123);
  });
});
