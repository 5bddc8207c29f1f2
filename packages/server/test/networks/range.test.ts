import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { patiently } from "../support/patience.ts";
import { until } from "../support/until.ts";
import { DrivenNetworks } from "./driven-networks.ts";
import { PlayNetwork, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: servers that want one range for their jobs, because ${missing}`);

const play = missing === null ? await PlayNetwork.open({ world: [], ports: [], profiles: [] }) : null;
afterAll(() => play?.[Symbol.asyncDispose](), patiently(60_000));

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};
const RANGE = "10.120.0.0/16";

/** The networks of the server of that name, which are not wanted yet. */
function open(name: string, range = RANGE): Promise<DrivenNetworks> {
  const dataDir = join(lab().host.folder.path, name);
  return DrivenNetworks.open(lab().host.networkOption, { dataDir, range, foreignChanges: "mend" });
}

const gateways = (): string[] =>
  [
    ...lab()
      .ip("-o", "-4", "address")
      .matchAll(/ (bg\w{4}) /g),
  ].map(([, name = ""]) => name);
const rules = (): string[] =>
  lab()
    .ip("rule")
    .split("\n")
    .filter((line) => line.includes("10.120."));
const none = { gateways: [], rules: [] };
const traces = () => ({ gateways: gateways(), rules: rules() });

describe.skipIf(play === null)("the range of jobs", { timeout: patiently(60_000) }, () => {
  it("is looked at again before anything is made, as others make their links with their first container", async () => {
    await using networks = await open("patient");
    expect(networks.lack).toBeNull();
    lab().ip("link", "add", "podman0", "type", "bridge");
    lab().ip("address", "add", "10.120.0.1/16", "dev", "podman0");
    lab().ip("link", "set", "podman0", "up");
    await expect(networks.call("open")).rejects.toThrow(
      /^Cannot give a job a network: the range 10\.120\.0\.0\/16 .* in use: .*podman0\. Name a range/,
    );
    expect(traces()).toEqual(none);
    const [told] = await networks.call("check");
    expect(told?.status).toBe("warning");
    expect(told?.detail).toMatch(/podman0$/);
    expect(told?.fix).toContain("network.range");
    lab().ip("link", "del", "podman0");
    await networks.call("open");
    expect(rules()).not.toEqual([]);
    await networks[Symbol.asyncDispose]();
    expect(traces()).toEqual(none);
  });

  it.each(["carries", "carries nothing"])(
    "is the first server's alone, whose rules the second leaves as they are: its link %s",
    async (how) => {
      await using first = await open("first");
      await using second = await open("second");
      await first.call("open");
      const [gateway = ""] = gateways();
      // What manages the links of a host does so, and a bridge without ports is down from then on.
      if (how === "carries nothing") {
        lab().ip("link", "set", gateway, "address", "02:00:00:00:00:01");
        await until(() => lab().ip("link", "show", gateway).includes("NO-CARRIER"), {
          what: "a link that is down",
        });
      }
      const before = traces();
      await expect(second.call("open")).rejects.toThrow(/in use: .*10\.120\.0\.1/);
      await using third = await open("third");
      expect(third.lack?.why).toContain("10.120.0.1");
      // Its own is in no server's way that comes after it on the same folder.
      await using next = await open("first");
      expect(next.lack).toBeNull();
      await second[Symbol.asyncDispose]();
      expect(traces()).toEqual(before);
      await first[Symbol.asyncDispose]();
      expect(traces()).toEqual(none);
    },
  );

  it("has rules of its own, and no server cries where those of another go", async () => {
    await using first = await open("crying");
    await first.call("open");
    const second = await open("leaving", "10.121.0.0/16");
    await second.call("open");
    await second[Symbol.asyncDispose]();
    expect(lab().ip("rule")).not.toContain("10.121.");
    // What was changed before is heard before.
    const [one = ""] = rules();
    lab().ip("rule", "del", "pref", one.split(":")[0] ?? "", "from", RANGE);
    await first.hears(/taken away rules/);
    await until(() => rules().includes(one), { what: "the rule" });
    await first[Symbol.asyncDispose]();
    expect(first.notices.filter((notice) => notice.includes("taken away rules"))).toHaveLength(1);
  });

  it("can be another for the next server, which takes away what the one before needed that was killed", async () => {
    const before = await open("moved");
    await before.call("open");
    await before.kill();
    expect(rules()).not.toEqual([]);
    await using next = await open("moved", "10.121.0.0/16");
    await next.call("reopen");
    expect(rules()).toEqual([]);
    expect(lab().ip("rule")).toContain("10.121.0.0/16");
    const addresses = lab().ip("-o", "-4", "address");
    expect(addresses).toContain("10.121.0.1/32");
    expect(addresses).not.toContain("10.120.0.1/32");
    await next[Symbol.asyncDispose]();
    expect(lab().ip("rule")).not.toContain("10.121.0.0/16");
  });

  it("is left by the next server also where the host can hold no networks any more", async () => {
    const before = await open("lost");
    await before.call("open");
    await before.kill();
    await using next = await open("lost", "11.1.0.0/16");
    expect(next.lack).not.toBeNull();
    expect(rules()).not.toEqual([]);
    await next.call("reopen");
    expect(traces()).toEqual(none);
  });

  it("is at most one's of two servers that come at once, and leaves nothing of the other", async () => {
    await using one = await open("one");
    await using other = await open("other");
    const opened = await Promise.allSettled([one.call("open"), other.call("open")]);
    const opens = opened.filter(({ status }) => status === "fulfilled").length;
    expect(opens).toBeLessThanOrEqual(1);
    expect(gateways()).toHaveLength(opens);
  });
});
