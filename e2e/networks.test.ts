import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PlayNetwork, whyNoPlay } from "../packages/server/test/networks/play-network.ts";
import { asTested, launcher } from "../packages/server/test/support/launcher.ts";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import { blocksOf } from "./support/guide-blocks.ts";
import { until } from "../packages/server/test/support/until.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: a server whose jobs have networks, because ${missing}`);

const run = promisify(execFile);
/** Public in the played world, and, as in the real one, private and metadata. */
const world = ["11.0.0.1", "2a00:2::1", "10.0.0.5", "169.254.169.254", "fd00:ec2::254"];

describe.skipIf(missing !== null)("a server whose jobs have networks", () => {
  let play: PlayNetwork;
  let bench: ServerBench;
  let server: ServerProcess;
  let into: readonly [string, string];
  beforeAll(async () => {
    play = await PlayNetwork.open({ world, ports: [80], profiles: [] });
    bench = openServerBench("local");
    into = ["/usr/bin/nsenter", play.host.networkOption];
    server = await bench.start({
      wrapper: into,
      env: {
        BERTH_NETWORK_RANGE: "10.99.0.0/16",
        BERTH_NETWORKS: '{inner: {addresses: ["10.0.0.5:80"]}}',
      },
    });
    // A job of its own has to have run.
    await until(async () => (await berth("doctor")).code === 0, { what: "a server that is well" });
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
    await play[Symbol.asyncDispose]();
  });

  function environment(): NodeJS.ProcessEnv {
    const token = readFileSync(join(bench.root, "data/admin-token"), "utf8").trim();
    const path = `${dirname(launcher)}:${process.env["PATH"] ?? ""}`;
    return {
      PATH: path,
      HOME: bench.root,
      BERTH_URL: server.url,
      BERTH_TOKEN: token,
      ...asTested,
    };
  }

  /** Where the server is. */
  async function berth(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const [program, option] = into;
    try {
      return { code: 0, ...(await run(program, [option, launcher, ...argv], { env: environment() })) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, stdout, stderr };
    }
  }

  it("proves on this host what no job reaches, and that what is public is reached", async () => {
    const { code, stdout } = await berth("doctor", "--network", "--target", "11.0.0.1:80");
    expect(stdout).toMatch(/^ok +tcp 169\.254\.169\.254 80 +link-local, and metadata +refused +refused/m);
    expect(stdout).toMatch(/^ok +tcp 10\.99\.\d+\.\d+ 4711 +another job +refused +refused/m);
    expect(stdout).toMatch(/^ok +tcp 11\.1\.1\.2 80 +this host's own +refused +refused/m);
    expect(stdout).toMatch(/^ok +tcp 11\.0\.0\.1 80 +a target that you named +reached +open/m);
    expect([code, stdout.match(/^missing .*/gm)]).toEqual([0, null]);
  });

  it("ends with 1 where something is not as it must be", async () => {
    const { code, stdout } = await berth("doctor", "--network", "--target", "10.0.0.5:80");
    expect(stdout).toMatch(/^missing +tcp 10\.0\.0\.5 80 +a target that you named +reached +ECONNREFUSED/m);
    expect(code).toBe(1);
  });

  it("does what the guide says, as it is printed", async () => {
    const folder = join(bench.root, "guide");
    mkdirSync(folder);
    const reach =
      "use Socket; socket(S, AF_INET, SOCK_STREAM, 0); connect(S, pack_sockaddr_in(80, inet_aton('11.0.0.1'))) or die $!";
    writeFileSync(join(folder, "build.sh"), `#!/usr/bin/perl\n${reach};\n`, { mode: 0o755 });
    const guide = readFileSync(resolve(import.meta.dirname, "../docs/guides/networks.md"), "utf8");
    const printed = blocksOf(guide).filter(
      ({ language, note }) =>
        language === "sh" && (note === null || note.why.startsWith("e2e/networks.test.ts")),
    );
    expect(printed.length).toBeGreaterThan(4);
    const script = ["set -eux", ...printed.map(({ text }) => text)].join("\n");
    const { stdout, stderr } = await run(into[0], [into[1], "bash", "-c", script], {
      cwd: folder,
      env: environment(),
    });
    expect(stdout).toMatch(/^reached +11\.0\.0\.1:80\/tcp/m);
    expect(stdout).toMatch(/^addresses +11\.0\.0\.1:80\/tcp$/m);
    expect(stderr).toMatch(/^refused +192\.168\.1\.1:80\/tcp/m);
  });

  it("says of a job what its profile refused it, and lets it do what is granted", async () => {
    const script = `use Socket; for (@ARGV) { my ($a, $p) = split /,/; socket(my $s, AF_INET, SOCK_STREAM, 0);
      print connect($s, pack_sockaddr_in($p, inet_aton($a))) ? "open\\n" : "$!\\n" }`;
    const words = [
      "--network",
      "inner",
      "--observe",
      "--",
      "perl",
      "-e",
      script,
      "10.0.0.5,80",
      "11.0.0.1,80",
    ];
    const { code, stdout, stderr } = await berth("run", ...words);
    expect([code, stdout]).toEqual([0, "open\nConnection refused\n"]);
    expect(stderr).toContain('1 attempt to 11.0.0.1:80 was refused by the network profile "inner"');
  });
});
