import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { closedRules, grantOf, type GrantedProfile, internetRules } from "../../src/core/network/profile.ts";
import { patiently } from "../support/patience.ts";
import { until } from "../support/until.ts";
import { DrivenEngine } from "./driven-engine.ts";
import { HOSTILE, playHostileNames } from "./play-hostile-names.ts";
import { parseFound, PlayNetwork, reachScript, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: networks of jobs whose server is killed, because ${missing}`);

/** BERTH_TEST_NETWORK_JOBS=1000 for as many as one likes. */
const jobs = Number(process.env["BERTH_TEST_NETWORK_JOBS"] ?? 60);
const AT_ONCE = 8;
const OPEN = "tcp,11.0.0.1,80";
const CLOSED = "tcp,10.0.0.5,80";

const play =
  missing === null
    ? await PlayNetwork.open({ world: ["11.0.0.1", "10.0.0.5"], ports: [80], profiles: [] })
    : null;
afterAll(() => play?.[Symbol.asyncDispose]());
/** What the lab itself has, before any server comes. */
const before = play && whatIsThere(play);

const internet = grantOf("internet", { rules: internetRules, observe: true });
const others = [80, 443, 5432].map((port) =>
  grantOf(`port-${port}`, {
    rules: {
      ...closedRules,
      named: [{ range: "10.0.0.5", protocol: "tcp", ports: { first: port, last: port } }],
    },
    observe: false,
  }),
);
const reach = (...targets: string[]): [string, ...string[]] => ["perl", "-e", reachScript, "20", ...targets];

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};

function newEngine(): DrivenEngine {
  return new DrivenEngine(["/usr/bin/nsenter", lab().host.networkOption], {
    warmSandboxes: 0,
    warmNetworked: 2,
  });
}

/** All that networks of jobs are made of, in the namespace of the host. */
function whatIsThere(play: PlayNetwork): string[] {
  const words = [
    ["link", "show"],
    ["-4", "address", "show"],
    ["-6", "address", "show", "scope", "global"],
    ["-4", "rule", "show"],
    ["-6", "rule", "show"],
    ["-4", "route", "show", "table", "all"],
    ["neigh", "show", "nud", "permanent"],
  ];
  const shown = words.map((one) => play.ip("-o", ...one).replaceAll(/ (qlen|state|mtu) \S+/g, ""));
  return [...shown, play.nft("list", "tables")].flatMap((text) =>
    text.split("\n").filter((line) => line !== ""),
  );
}

/** The kernel takes the links of a namespace away after its last process is gone. */
async function isAsBefore(): Promise<void> {
  const known = JSON.stringify(before);
  const isSame = (): boolean => JSON.stringify(whatIsThere(lab())) === known;
  await until(isSame, { what: "that nothing is left", timeoutMs: 180_000 }).catch(() => undefined);
  expect(whatIsThere(lab())).toEqual(before);
}

describe.skipIf(play === null)("networks of jobs", { timeout: patiently(300_000) }, () => {
  const engines: DrivenEngine[] = [];
  const opened = async (point?: string): Promise<DrivenEngine> => {
    const engine = newEngine();
    engines.push(engine);
    await engine.open(point);
    return engine;
  };
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine[Symbol.asyncDispose]();
  });

  it.each(["net-place", "net-claimed", "net-guarded", "net-table", "net-profile", "net-granted"])(
    "leave nothing of a job that was not begun when its server was killed at %s, and it is started once",
    async (point) => {
      const engine = await opened(point);
      const launch = engine.newLaunch(reach(OPEN, CLOSED), internet);
      await expect(engine.call("start", launch)).rejects.toThrow(/SIGKILL/);
      await engine.open();
      expect(await engine.call("recover", launch.handle)).toEqual({ kind: "never-started" });
      await engine.call("start", launch);
      expect((await engine.call("wait", launch.handle)).code).toBe(0);
      expect(readFileSync(launch.output.stdout, "utf8").split("\n").toSorted()).toEqual([
        "",
        `${CLOSED} ECONNREFUSED`,
        `${OPEN} open`,
      ]);
      await engine.call("destroy", launch.handle);
      await engine.close();
      await isAsBefore();
    },
  );

  it.each(["net-tableless", "net-unguarded"])(
    "leave nothing on the host where a server that ends is killed at %s and the next one ends",
    async (point) => {
      const engine = await opened(point);
      const { launch } = await engine.run(["true"], internet);
      await engine.call("destroy", launch.handle);
      await engine.close();
      expect(engine.endedBy).toBe("SIGKILL");
      await engine.open();
      await engine.close();
      expect(engine.endedBy).toBeNull();
      await isAsBefore();
    },
  );

  it("go on where the server is killed while it opens an address to a job, and leave nothing", async () => {
    await using _names = await playHostileNames(lab().host);
    const engine = await opened("net-opened");
    const byName = grantOf("by-name", {
      rules: {
        ...closedRules,
        domains: ["good.org"],
        services: [{ protocol: "tcp", ports: { first: 80, last: 80 } }],
        resolvers: [HOSTILE],
      },
      observe: true,
    });
    const asking = `until getent ahostsv4 good.org >told; do sleep 0.1; done; cut -d' ' -f1 <told | sort -u; exec "$@"`;
    const launch = await engine.start(["sh", "-c", asking, "sh", ...reach(OPEN, CLOSED)], byName);
    await expect(engine.call("wait", launch.handle)).rejects.toThrow(/SIGKILL/);
    await engine.open();
    expect(await engine.call("recover", launch.handle)).toMatchObject({ kind: "found" });
    expect((await engine.call("wait", launch.handle)).code).toBe(0);
    expect(readFileSync(launch.output.stdout, "utf8").split("\n").toSorted()).toEqual([
      "",
      "11.0.0.1",
      `${CLOSED} ECONNREFUSED`,
      `${OPEN} open`,
    ]);
    await engine.call("destroy", launch.handle);
    await engine.close();
    await isAsBefore();
  });

  it("are taken down once more where the server was killed while it did", async () => {
    const engine = await opened("net-revoked");
    const { launch } = await engine.run(["true"], internet);
    await expect(engine.call("destroy", launch.handle)).rejects.toThrow(/SIGKILL/);
    await engine.open();
    expect(await engine.call("recover", launch.handle)).toMatchObject({ kind: "found", ended: true });
    await engine.call("destroy", launch.handle);
    expect(await engine.call("list")).toEqual([]);
    await engine.close();
    await isAsBefore();
  });

  it("go on while no server is there, and what was reached meanwhile is told by the next", async () => {
    const engine = await opened();
    const gate = 'echo ready; until [ -e go ]; do sleep 0.1; done; exec "$@"';
    const launch = await engine.start(["sh", "-c", gate, "sh", ...reach(OPEN, CLOSED)], internet);
    await until(() => readFileSync(launch.output.stdout, "utf8") === "ready\n", { what: "its first line" });
    await engine.kill();
    writeFileSync(join(engine.dataDir, "jobs", launch.id, "go"), "");
    await until(() => readFileSync(launch.output.stdout, "utf8").includes(`${CLOSED} ECONNREFUSED`), {
      what: "what it finds while nobody watches",
    });
    await engine.open();
    expect(await engine.call("recover", launch.handle)).toMatchObject({ kind: "found" });
    expect((await engine.call("wait", launch.handle)).code).toBe(0);
    expect(readFileSync(launch.output.stdout, "utf8")).toContain(`${OPEN} open`);
    const contacts = await engine.call("contacts", launch.handle);
    expect(contacts?.list.map(({ outcome, address }) => [outcome, address]).toSorted()).toEqual([
      ["reached", "11.0.0.1"],
      ["refused", "10.0.0.5"],
    ]);
    await engine.call("destroy", launch.handle);
    await engine.close();
    await isAsBefore();
  });

  it(`leave nothing of ${jobs} jobs of four profiles, some of which are killed and some never begun`, async () => {
    const engine = await opened();
    const profiles = [internet, ...others];
    const lives: Life[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < jobs) {
        const n = next++;
        const network = profiles[n % profiles.length] ?? internet;
        if (n % 5 === 4) await missed(engine, network);
        else if (n % 5 === 3) await killed(engine, network);
        else lives.push(await life(engine, network));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    for (const { network, code, found, refused } of lives) {
      expect([code, found.get(OPEN)]).toEqual([0, network === internet ? "open" : "ECONNREFUSED"]);
      expect(refused).toBeGreaterThan(0);
    }
    expect(await engine.call("list")).toEqual([]);
    // Nobody has changed the table, though what was forgotten of earlier jobs went on meanwhile.
    // On a busy host a job that is killed may be told of, as its processes take their time to go.
    expect(engine.notices.filter((notice) => /table|networks|names/.test(notice))).toEqual([]);
    // What was granted is in the kernel alone: none of it is left while places wait.
    await until(() => elements() === 0, { what: "that no job has anything" });
    await engine.close();
    await isAsBefore();
  });

  interface Life {
    network: GrantedProfile;
    code: number | null;
    found: Map<string, string>;
    refused: number;
  }

  async function life(engine: DrivenEngine, network: GrantedProfile): Promise<Life> {
    const { launch, exit, stdout } = await engine.run(reach(OPEN, CLOSED), network);
    const contacts = await engine.call("contacts", launch.handle);
    await engine.call("destroy", launch.handle);
    return { network, code: exit.code, found: parseFound(stdout), refused: contacts?.refused ?? 0 };
  }

  async function killed(engine: DrivenEngine, network: GrantedProfile): Promise<void> {
    const launch = await engine.start(["sleep", "1000"], network);
    await engine.call("stop", launch.handle, { graceMs: 0 });
    await engine.call("destroy", launch.handle);
  }

  /** Its place is taken, and what it was granted too, before it is found that there is nothing to run. */
  async function missed(engine: DrivenEngine, network: GrantedProfile): Promise<void> {
    await expect(engine.start(["/no/such/program"], network)).rejects.toThrow(/does not exist/);
  }

  function elements(): number {
    const table = /table inet (berth_(?!t$)\S+)/m.exec(lab().nft("list", "tables"))?.[1] ?? "none";
    const sets = ["map grants", "map doors", "set observed"].map((set) =>
      lab().nft("list", ...set.split(" ").slice(0, 1), "inet", table, ...set.split(" ").slice(1)),
    );
    return sets.join("").split("elements").length - 1;
  }
});
