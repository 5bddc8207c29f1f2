import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import type { Isolation } from "@berth/protocol";
import {
  closedRules,
  grantOf,
  type GrantedProfile,
  internetRules,
  type NetworkRules,
} from "../../src/core/network/profile.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { serverMark } from "../../src/engines/local/networks/addresses.ts";
import { subject } from "../support/local-subject.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { DrivenEngine } from "./driven-engine.ts";
import { parseFound, PlayNetwork, reachScript, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: jobs with a network, because ${missing}`);

const PORT = 80;
const publics = [`tcp,11.0.0.1,${PORT}`, `tcp,2a00:2::1,${PORT}`];
const privates = [`tcp,10.0.0.5,${PORT}`, `tcp,fd00:5::1,${PORT}`];
const world = [...publics, ...privates].map((target) => target.split(",")[1] ?? "");

const play = missing === null ? await PlayNetwork.open({ world, ports: [PORT], profiles: [] }) : null;
const engine =
  play &&
  new DrivenEngine(["/usr/bin/nsenter", play.host.networkOption], { warmSandboxes: 1, warmNetworked: 2 });
await engine?.open();
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  await play?.[Symbol.asyncDispose]();
});

const own = (): DrivenEngine => {
  if (!engine) throw new Error("skipped");
  return engine;
};
const profile = (name: string, rules: Partial<NetworkRules>, observe = false): GrantedProfile =>
  grantOf(name, { rules: { ...closedRules, ...rules }, observe });
const internet = grantOf("internet", { rules: internetRules, observe: false });
const database = profile("database", {
  named: [{ range: "10.0.0.5", protocol: "tcp", ports: { first: PORT, last: PORT } }],
});

/** What a job of that profile finds: by target, `open` or how it failed. It is not removed. */
async function reach(network: GrantedProfile | null, targets: readonly string[], on = own()) {
  const argv = ["perl", "-e", reachScript, "20", ...targets] as const;
  const { launch, exit, stdout } = await on.run([...argv], network);
  if (exit.code !== 0) throw new Error(readFileSync(launch.output.stderr, "utf8"));
  const found = parseFound(stdout);
  return { launch, found, open: targets.filter((target) => found.get(target) === "open") };
}

const detailIn = ({ items }: Isolation): string =>
  items.find(({ name, applied }) => name === "network-namespace" && applied)?.detail ?? "not applied";

describe.skipIf(play === null)("a job with a network", () => {
  it("reaches what its profile grants and nothing else, from its first instruction, and tells what was refused", async () => {
    // As many at once as will: each of these is over before another has begun to make its sandbox.
    const found = await Promise.all(
      Array.from({ length: 6 }, () => reach(internet, [...publics, ...privates])),
    );
    for (const { launch, open } of found) {
      expect(open).toEqual(publics);
      const contacts = await own().call("contacts", launch.handle);
      expect(contacts?.refused).toBe(2);
      expect(
        contacts?.list.map(({ outcome, protocol, address, port }) => [outcome, protocol, address, port]),
      ).toEqual(
        expect.arrayContaining([
          ["refused", "tcp", "10.0.0.5", PORT],
          ["refused", "tcp", "fd00:5::1", PORT],
        ]),
      );
      await own().call("destroy", launch.handle);
      expect(await own().call("contacts", launch.handle)).toBeNull();
    }
  });

  it("is granted a profile that is new to the server together with others of it that begin at the same time", async () => {
    const ports = Array.from({ length: 5 }, (_, at) => 8000 + at);
    for (const port of ports) {
      const some = profile(`port-${port}`, {
        named: [{ range: "10.0.0.5", protocol: "tcp", ports: { first: port, last: port } }],
      });
      // One begins while the kernel is told of what another needs too.
      const runs = await Promise.all(
        [0, 5, 10, 15].map(async (ms) => {
          await delay(ms);
          return await own().run(["true"], some);
        }),
      );
      expect(runs.map(({ exit }) => exit.code)).toEqual([0, 0, 0, 0]);
      for (const { launch } of runs) await own().call("destroy", launch.handle);
    }
  });

  it("can be cancelled while the kernel does not say that it was granted anything, and leaves nothing of it", async () => {
    const { control } = placesOf(own().dataDir);
    const prepared = (): string[] =>
      readdirSync(control).filter((place) => existsSync(join(control, place, "facts")));
    const { handle: beside } = await own().start(["true"], internet);
    await own().call("wait", beside);
    await own().call("destroy", beside);
    const helpers = helpersOf(own().pid);
    expect(helpers.length).toBeGreaterThan(0);
    const before = prepared().length;
    try {
      for (const pid of helpers) process.kill(pid, "SIGSTOP");
      // New to the server: it waits for the table before it is granted anything.
      const launch = own().newLaunch(["true"], profile("late", { ...internetRules, connections: 999 }));
      const started = own().call("start", launch);
      await until(() => prepared().length > before, { what: "a place that is to be the job's" });
      await Promise.all([own().cancel(), expect(started).rejects.toThrow(/abort/i)]);
    } finally {
      for (const pid of helpers) process.kill(pid, "SIGCONT");
    }
    const { launch } = await reach(internet, publics);
    await own().call("destroy", launch.handle);
    const table = `berth_${serverMark(own().dataDir)}`;
    const grants = (): string => play?.nft("list", "map", "inet", table, "grants") ?? "";
    await until(() => !grants().includes("elements"), { what: "that nothing is granted" });
  });

  it("has another than one with another profile beside it has", async () => {
    const [one, other] = await Promise.all(
      [internet, database].map((network) => reach(network, [...publics, ...privates])),
    );
    expect([one?.open, other?.open]).toEqual([publics, [privates[0]]]);
    for (const { launch } of [one, other].flatMap((job) => job ?? []))
      await own().call("destroy", launch.handle);
  });

  it("tells what it has reached too, where it is observed", async () => {
    const { launch } = await reach(grantOf("seen", { rules: internetRules, observe: true }), publics);
    const contacts = await own().call("contacts", launch.handle);
    expect(contacts).toMatchObject({ refused: 0 });
    expect(own().notices).toEqual([]);
    expect(contacts?.list.map(({ outcome, address }) => [outcome, address]).toSorted()).toEqual([
      ["reached", "11.0.0.1"],
      ["reached", "2a00:2::1"],
    ]);
    for (const { bytesOut, bytesIn } of contacts?.list ?? []) {
      expect(bytesOut).toBeGreaterThan(0);
      expect(bytesIn).toBeGreaterThan(0);
    }
    await own().call("destroy", launch.handle);
  });

  it("is beside jobs without one as before: these reach nothing, and nobody has to tell of them", async () => {
    const { launch, open } = await reach(null, [...publics, ...privates]);
    expect(open).toEqual([]);
    expect(await own().call("contacts", launch.handle)).toBeNull();
    await own().call("destroy", launch.handle);
  });

  it.each(["berth", "runtime"] as const)(
    "has a loopback and one link, asks for names at the gateway, and can change nothing of that: %s makes it",
    async (sandboxMaker) => {
      if (!play) throw new Error("skipped");
      const into = ["/usr/bin/nsenter", play.host.networkOption] as const;
      await using other = new DrivenEngine(into, { sandboxMaker, range: "10.98.0.0/24" });
      await other.open();
      const script = `cat /etc/resolv.conf; sed -n 's/^ *\\([a-z0-9]*:\\).*/\\1/p' /proc/net/dev | sort
echo x 2>/dev/null >/etc/resolv.conf || echo sealed; mount -t tmpfs none /etc 2>/dev/null || echo held`;
      const { stdout, launch } = await other.run(["sh", "-c", script], internet);
      const lines = stdout.split("\n").map((line) => line.trim());
      expect(lines).toEqual(["nameserver 10.98.0.1", "eth0:", "lo:", "sealed", "held", ""]);
      const reached = await reach(internet, publics, other);
      expect(reached.open).toEqual(publics);
      for (const { handle } of [launch, reached.launch]) await other.call("destroy", handle);
    },
  );

  it("gets a sandbox that stood before it came, whatever its profile is, and says by which link it leaves", async () => {
    const links = await until(async () => (await own().call("standby")).sandboxes >= 2 && linksThere(), {
      what: "sandboxes that stand ready",
    });
    const launch = own().newLaunch(["true"], database);
    const { isolation } = await own().call("start", launch);
    const [, link = "", address] =
      /"database" grants: (\S+), (10\.99\.\d+\.\d+), fd/.exec(detailIn(isolation)) ?? [];
    expect(links).toContain(link);
    expect(address).toBeDefined();
    await own().call("wait", launch.handle);
    await own().call("destroy", launch.handle);
  });

  it("is reached by its server at a port of its own, and by nobody else", async () => {
    const { command, args } = subject.commands.echo(8000);
    const launch = await own().start([command, ...args], internet);
    await until(() => readFileSync(launch.output.stdout, "utf8") === "ready\n", { what: "that it listens" });
    expect(await own().call("exchange", launch.handle, 8000, "hello")).toBe("hello");
    await own().call("stop", launch.handle, { graceMs: 0 });
    await own().call("destroy", launch.handle);
  });

  it("ends when somebody else changes the table, by setting: with that as its cause, and none beside it that has no network", async () => {
    await using strict = new DrivenEngine(["/usr/bin/nsenter", play?.host.networkOption ?? ""], {
      range: "10.98.0.0/16",
      foreignChanges: "stop-jobs",
    });
    await strict.open();
    const waits = ["sh", "-c", "echo ready; until [ -e go ]; do sleep 0.1; done"] as const;
    const [granted, plain] = [await strict.start([...waits], internet), await strict.start([...waits], null)];
    const gone = await strict.run(["true"], internet);
    for (const { output } of [granted, plain])
      await until(() => readFileSync(output.stdout, "utf8") === "ready\n", { what: "its first line" });
    play?.nft("flush", "chain", "inet", `berth_${serverMark(strict.dataDir)}`, "closed");
    const lost = await strict.call("wait", granted.handle);
    expect(lost.verdict?.kind).toBe("engine_failed");
    expect(JSON.stringify(lost.verdict)).toContain("stop-jobs");
    const isBack = (): boolean =>
      strict.notices.some((notice) => notice.includes("was put back, and the jobs"));
    await until(isBack, { what: "the table" });
    // What was over is as it was, what comes later is held as ever.
    expect(await strict.call("wait", gone.launch.handle)).toMatchObject({ code: 0, verdict: null });
    expect((await reach(internet, [...publics, ...privates], strict)).open).toEqual(publics);
    writeFileSync(join(strict.dataDir, "jobs", plain.id, "go"), "");
    expect(await strict.call("wait", plain.handle)).toMatchObject({ code: 0, verdict: null });
  });

  it("has none on a host that cannot hold it: that is said beforehand, and nothing weaker is started", async () => {
    // Alone in a namespace that leads nothing on.
    await using apart = new DrivenEngine(["/usr/bin/unshare", "--net"]);
    await apart.open();
    expect(apart.capabilities.networkProfiles).toEqual(["none"]);
    const launch = apart.newLaunch(["true"], internet);
    expect((await apart.call("plan", launch)).impossible).toMatchObject([{ field: "network" }]);
    await expect(apart.call("start", launch)).rejects.toThrow(/no network: .*ip_forward/);
    const { exit } = await apart.run(["true"], null);
    expect(exit.code).toBe(0);
    const networks = (await apart.call("check")).find(({ name }) => name === "networks");
    expect(networks?.status).toBe("warning");
    expect(networks?.fix).toContain("net.ipv4.ip_forward=1");
  });

  it("has none on a kernel without tables of the family inet, which is asked before anything is promised", async () => {
    await using folder = tempFolder();
    // What nft says there, in the place of nft.
    const nft = join(folder.path, "nft");
    const words = "Error: Could not process rule: Operation not supported";
    writeFileSync(nft, `#!/bin/sh\necho "/dev/stdin:1:1-20: ${words}" >&2\nexit 1\n`, { mode: 0o755 });
    const play = 'echo 1 >/proc/sys/net/ipv4/ip_forward; mount --bind "$0" /usr/sbin/nft; exec "$@"';
    await using apart = new DrivenEngine([
      "/usr/bin/unshare",
      "--net",
      "--mount",
      "/bin/sh",
      "-c",
      play,
      nft,
    ]);
    await apart.open();
    expect(apart.capabilities.networkProfiles).toEqual(["none"]);
    const launch = apart.newLaunch(["true"], internet);
    expect((await apart.call("plan", launch)).impossible).toMatchObject([{ field: "network" }]);
    await expect(apart.call("start", launch)).rejects.toThrow(
      /the kernel does not take the table .*not supported/,
    );
    const networks = (await apart.call("check")).find(({ name }) => name === "networks");
    expect(networks?.fix).toContain("family inet");
  });

  /** What speaks to the kernel for that server. */
  function helpersOf(server: number): number[] {
    const children = readFileSync(`/proc/${server}/task/${server}/children`, "utf8").trim().split(" ");
    return children
      .map(Number)
      .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[1] === "nets");
  }

  function linksThere(): string[] {
    const shown = play?.ip("-o", "link", "show", "type", "veth") ?? "";
    return [...shown.matchAll(/^\d+: (b[^@]+)@/gm)].map(([, name = ""]) => name);
  }
});
