import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { jobExample } from "../packages/protocol/src/schemas/examples.ts";
import { cgroupNameOf, removeControlGroups } from "../packages/server/test/support/cgroup-name.ts";
import { leftovers } from "../packages/server/test/support/leftovers.ts";
import { subject } from "../packages/server/test/support/local-subject.ts";
import { tempFolder, type TempFolder } from "../packages/server/test/support/temp-folder.ts";
import { until } from "../packages/server/test/support/until.ts";
import { ownCheckout } from "./support/own-checkout.ts";

const top = new URL("..", import.meta.url).pathname;

const missing = (await subject.missing()) ?? wouldInstall();
if (missing !== null) console.log(`SKIPPED: ./quickstart, because ${missing}`);

/** It would replace the packages that this checkout has. */
function wouldInstall(): string | null {
  const installed = join(top, "node_modules/.package-lock.json");
  const isCurrent =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(top, "package-lock.json")).mtimeMs;
  return isCurrent ? null : "the packages are older than package-lock.json: run scripts/install-host";
}

interface Quickstart {
  /** Everything it has printed so far. */
  said(): string;
  signal(name: NodeJS.Signals): void;
  ended: Promise<number | null>;
}

/** It builds before it starts its server: not what other tests run meanwhile. */
let place: TempFolder;
const checkout = (): string => join(place.path, "checkout");
beforeAll(() => {
  place = tempFolder();
  if (missing === null) ownCheckout(checkout());
});
afterAll(() => place[Symbol.asyncDispose]());

let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder();
});
afterEach(async () => {
  await endServer();
  await removeControlGroups(cgroupNameOf(folder.path));
  await folder[Symbol.asyncDispose]();
});

/** Ends a server that ./quickstart did not, so that a test that fails leaves the host clean all the same. */
async function endServer(): Promise<void> {
  const pidFile = join(folder.path, "data/server.pid");
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8"));
  const isOurs = (): boolean => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(folder.path);
    } catch {
      return false;
    }
  };
  if (isOurs()) process.kill(pid, "SIGTERM");
  await until(() => !isOurs(), { what: "the end of the server" });
}

function quickstart(args: readonly string[], settings: Record<string, string> = {}): Quickstart {
  const child = spawn(join(checkout(), "quickstart"), args, {
    env: {
      PATH: process.env["PATH"],
      HOME: folder.path,
      TMPDIR: folder.path,
      BERTH_DATA_DIR: join(folder.path, "data"),
      BERTH_CGROUP: cgroupNameOf(folder.path),
      BERTH_HTTP_ADDRESS: "127.0.0.1:0",
      BERTH_GRPC_ADDRESS: "127.0.0.1:0",
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  }
  return {
    said: () => text,
    signal: (name) => void child.kill(name),
    ended: once(child, "close").then(([code]) => code as number | null),
  };
}

/** Nothing of this run works on: neither its server nor its job. */
async function untilNothingIsLeft(): Promise<void> {
  const mark = cgroupNameOf(folder.path);
  await until(
    async () => {
      const found = await leftovers({ mark, folder: join(folder.path, "nowhere") });
      return found.length === 0;
    },
    { what: "the end of everything that ./quickstart started" },
  );
}

it("says once why several limits are not applied", () => {
  const items = [
    { name: "user-namespace", applied: true, detail: "own" },
    { name: "cpu-limit", applied: false, detail: "none set" },
    { name: "memory-limit", applied: false, detail: "1 GiB: this host cannot" },
    { name: "io-limit", applied: false, detail: "none set: this host cannot" },
  ];
  const file = join(folder.path, "job.json");
  writeFileSync(file, JSON.stringify({ ...jobExample, isolation: { level: "namespaces", items } }));
  const show = join(top, "examples/quickstart/show-job.ts");
  expect(execFileSync(process.execPath, [show, file, folder.path], { encoding: "utf8" })).toContain(
    [
      "Isolation   user-namespace",
      "Not applied cpu-limit: none set",
      "            memory-limit (1 GiB), io-limit (none set): this host cannot",
    ].join("\n"),
  );
});

describe.skipIf(missing !== null)("./quickstart", () => {
  it("--once runs the job, shows output, result, resources and isolation, and leaves nothing running", async () => {
    const run = quickstart(["--once"]);
    expect([await run.ended, run.said()]).toEqual([0, expect.stringContaining("100%  Pacific")]);
    const sections = [
      "succeeded: Exited with code 0",
      "places: 312",
      " CPU, ",
      "user-namespace",
      "io-write-limit",
    ];
    expect(sections.filter((section) => !run.said().includes(section))).toEqual([]);
    expect(run.said()).toContain(".berth/quickstart/clock-vs-sun.svg");
    expect(run.said()).not.toContain("Serving until");
    await untilNothingIsLeft();
  });

  it("--once ends with the job's exit code when the job does not succeed", async () => {
    const run = quickstart(["--once"], { BERTH_DEFAULT_RUN_TIMEOUT: "1s" });
    expect([await run.ended, run.said()]).toEqual([124, expect.stringContaining("Run timeout 1s reached")]);
  });

  it("without --once says where everything is, serves, and takes its server along when it is told to end", async () => {
    const run = quickstart([], { BERTH_DEFAULT_RUN_TIMEOUT: "1s" });
    await until(() => run.said().includes("Serving until Ctrl-C"), {
      what: "the last line",
    });
    const url = /^API +(\S+)\/api\/v1$/m.exec(run.said())?.[1];
    expect(run.said()).toContain(`Token      ${folder.path}/data/admin-token`);
    expect(run.said()).toContain(`BERTH_URL=${url} BERTH_DATA_DIR=${folder.path}/data bin/berth run`);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    run.signal("SIGTERM");
    expect(await run.ended).toBe(143);
    await expect(fetch(`${url}/readyz`)).rejects.toThrow("fetch failed");
    await untilNothingIsLeft();
  });

  it("refuses a flag that it does not know", async () => {
    const run = quickstart(["--twice"]);
    expect([await run.ended, run.said()]).toEqual([2, "usage: ./quickstart [--once]\n"]);
  });
});
