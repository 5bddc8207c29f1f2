import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { closedRules, grantOf, type NetworkRules } from "../../src/core/network/profile.ts";
import type { PlaceNetwork } from "../../src/engines/local/networks/place-network.ts";
import type { NativePlace } from "../native/native-place.ts";
import { until } from "../support/until.ts";
import { DrivenNetworks } from "./driven-networks.ts";
import { PlayNetwork, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: the networks of a server, because ${missing}`);

const play =
  missing === null
    ? await PlayNetwork.open({ world: ["11.0.0.1", "10.0.0.5", "2a00:2::1"], ports: [80], profiles: [] })
    : null;
afterAll(() => play?.[Symbol.asyncDispose]());

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};
const internet = { isPublic: true };
const granted = (rules: Partial<NetworkRules>, observe = false) =>
  grantOf("any", { rules: { ...closedRules, ...rules }, observe });

let folders = 0;
/** The networks of another server each time, unless the folder of one before is named. */
function open(folder = newFolder(), options = {}): Promise<DrivenNetworks> {
  const given = { dataDir: folder, range: rangeOf(folder), foreignChanges: "mend" as const, ...options };
  return DrivenNetworks.open(lab().host.networkOption, given);
}

function newFolder(): string {
  folders += 1;
  return join(lab().host.folder.path, `data-${folders}`);
}

/** Each server has its own. */
const rangeOf = (folder: string): string => `10.${100 + Number(folder.split("-").at(-1))}.0.0/16`;

async function newPlace(networks: DrivenNetworks): Promise<PlaceNetwork & { place: NativePlace }> {
  await networks.call("open");
  const network = await networks.call("placeNetwork");
  return { ...network, place: await lab().placeWith(network) };
}

/** Asks at once for all that is public, and what is not. */
const targets = [
  "tcp,11.0.0.1,80",
  "tcp,2a00:2::1,80",
  "tcp,10.0.0.5,80",
  "udp,11.0.0.1,80",
  "udp,10.0.0.5,80",
];
async function openFrom(place: NativePlace): Promise<string[]> {
  const found = await lab().reachFrom(place, targets, 2);
  return [...found].flatMap(([target, how]) => (how === "open" ? [target] : [])).toSorted();
}
const publicTargets = ["tcp,11.0.0.1,80", "tcp,2a00:2::1,80", "udp,11.0.0.1,80"];

/** What of any server is left on the host. */
function traces(): string {
  const rules = [lab().ip("rule"), lab().ip("-6", "rule")].join("").split("\n");
  const links = lab()
    .ip("-o", "link")
    .split("\n")
    .filter((line) => /\bb[a-z0-9]{4}-|\bbg/.test(line));
  const tables = lab()
    .nft("list", "tables")
    .split("\n")
    .filter((line) => !line.endsWith("berth_t"));
  return [...tables, ...links, ...rules.filter((line) => /^(?:89|9[012]):/.test(line))]
    .filter(Boolean)
    .join("\n");
}

describe.skipIf(play === null)("the networks of a server", () => {
  it("let through what is granted, tell what was reached and refused, and leave nothing", async () => {
    const before = traces();
    await using networks = await open();
    expect(networks.lack).toBeNull();
    expect(traces()).toBe(before);
    const { name, place, address4, ...rest } = await newPlace(networks);
    await networks.call("grant", name, granted(internet, true));
    expect(await openFrom(place)).toEqual(publicTargets);
    const { refused, list } = await networks.call("contacts", name);
    const shown = list.map(({ outcome, protocol, address }) => `${outcome} ${protocol} ${address}`);
    expect(shown.toSorted()).toEqual([
      "reached tcp 11.0.0.1",
      "reached tcp 2a00:2::1",
      "reached udp 11.0.0.1",
      "refused tcp 10.0.0.5",
      "refused udp 10.0.0.5",
    ]);
    expect(refused).toBe(
      list.flatMap(({ outcome, packets }) => (outcome === "refused" ? packets : [])).reduce((a, b) => a + b),
    );
    const web = list.find(
      ({ outcome, protocol, address }) =>
        outcome === "reached" && protocol === "tcp" && address === "11.0.0.1",
    );
    expect(web?.bytesOut).toBeGreaterThan(40);
    expect(web?.bytesIn).toBeGreaterThan(40);
    expect(Math.abs((web?.firstAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(web?.lastAt).toBeGreaterThanOrEqual(web?.firstAt ?? 0);
    await networks.call("revoke", name);
    await networks.call("revoke", name);
    await networks.call("giveBack", { address4 });
    expect(await networks.call("contacts", name)).toEqual({ refused: 0, list: [], hasAsked: false });
    // What is thrown away of it is none of somebody else's changes.
    const evidence = (): string => lab().nft("list", "ruleset");
    await until(() => !evidence().includes(`"${name}" . `), { what: "all of it thrown away" });
    await networks.call("check");
    expect(networks.notices).toEqual([]);
    expect(rest.gateway4).toMatch(/^10\.1\d\d\.0\.1$/);
    await networks[Symbol.asyncDispose]();
    await until(() => traces() === before, { what: "nothing left" });
  });

  it("hold only what is known of a job that is not observed: what it was refused", async () => {
    await using networks = await open();
    const { name, place } = await newPlace(networks);
    await networks.call("grant", name, granted(internet));
    await openFrom(place);
    const { list } = await networks.call("contacts", name);
    expect(new Set(list.map(({ outcome }) => outcome))).toEqual(new Set(["refused"]));
    await networks.call("revoke", name);
  });

  it("go on without a server, whose next one knows what was granted and counted, and sweeps what nobody has", async () => {
    const before = traces();
    const folder = newFolder();
    const first = await open(folder);
    const { name, place, address4 } = await newPlace(first);
    const stray = await newPlace(first);
    const grant = granted(internet, true);
    await first.call("grant", name, grant);
    await first.call("grant", stray.name, granted(internet));
    await first.kill();
    await stray.place.clear();
    expect(await openFrom(place)).toEqual(publicTargets);
    await using next = await open(folder);
    await next.call("keep", { name, address4, digest: grant.digest, observe: true });
    await next.call("reopen");
    expect(await next.call("rulesOf", grant.digest)).toEqual(grant.rules);
    expect((await next.call("contacts", name)).list.map(({ outcome }) => outcome)).toContain("reached");
    expect(lab().nft("list", "ruleset")).not.toContain(`"${stray.name}"`);
    // No name and no address is given again.
    const later = await next.call("placeNetwork");
    expect([name, stray.name]).not.toContain(later.name);
    expect(later.address4).not.toBe(address4);
    // What is in the kernel is put back also by a server that has not granted it.
    lab().nft("flush", "chain", "inet", tableOf(name), "from_job");
    await next.hears("mended");
    expect(lab().nft("list", "ruleset")).toContain(`"${name}" : goto`);
    await next.call("revoke", name);
    await next[Symbol.asyncDispose]();
    await until(() => traces() === before, { what: "nothing left" });
    // Where nothing is left nothing is begun.
    await using last = await open(folder);
    await last.call("reopen");
    expect(traces()).toBe(before);
  });

  it.each([
    ["all tables are flushed", () => lab().nft("flush", "ruleset")],
    ["the table is taken away", (table: string) => lab().nft("delete", "table", "inet", table)],
    ["a rule is taken out", (table: string) => lab().nft("flush", "chain", "inet", table, "closed")],
    ["a rule is put in", (table: string) => lab().nft("insert", "rule", "inet", table, "closed", "accept")],
    [
      "an address is taken out of what is closed",
      (table: string) => lab().nft("delete", "element", "inet", table, "closed4", "{ 10.0.0.0/8 }"),
    ],
  ])("are put back when %s by somebody else", async (_what, change) => {
    await using networks = await open();
    const one = await newPlace(networks);
    const other = await newPlace(networks);
    await networks.call("grant", one.name, granted(internet));
    await networks.call("grant", other.name, granted({ ...internet, connections: 7 }));
    change(tableOf(one.name));
    await networks.hears("mended");
    expect(networks.notices).toContain(
      "somebody else has changed the table of jobs' networks: it was put back",
    );
    expect(await openFrom(one.place)).toEqual(publicTargets);
    expect(await openFrom(other.place)).toEqual(publicTargets);
    // Their own changes are none of somebody else's.
    const mended = networks.notices.length;
    const third = await newPlace(networks);
    await networks.call("grant", third.name, granted({ ...internet, connections: 8 }));
    await networks.call("revoke", third.name);
    await networks.call("check");
    expect(networks.notices).toHaveLength(mended);
    for (const { name } of [one, other]) await networks.call("revoke", name);
    lab().load();
  });

  it("put back the rules of the host's routing that somebody else takes away", async () => {
    const before = traces();
    await using networks = await open();
    await networks.call("open");
    const guarded = traces();
    expect(guarded).not.toBe(before);
    for (const preference of ["89", "90", "91", "92"]) lab().ip("rule", "del", "pref", preference);
    await networks.hears(/rules of this host's routing/);
    await until(() => traces() === guarded, { what: "the rules" });
    lab().ip("-6", "rule", "flush");
    lab().ip("-6", "rule", "add", "pref", "32766", "table", "main");
    await until(() => traces() === guarded, { what: "the rules of IPv6" });
    // Its own going is none of somebody else's.
    await networks[Symbol.asyncDispose]();
    expect(networks.notices.filter((notice) => !notice.endsWith("were put back"))).toEqual([]);
    expect(traces()).toBe(before);
  });

  it("end the jobs that have one when somebody else changes the table, by setting", async () => {
    await using networks = await open(undefined, { foreignChanges: "stop-jobs" });
    const { name } = await newPlace(networks);
    await networks.call("grant", name, granted(internet));
    lab().nft("flush", "chain", "inet", tableOf(name), "closed");
    await networks.hears("lost");
    await networks.hears("mended");
    expect(networks.notices.some((notice) => notice.includes("the jobs that have one end"))).toBe(true);
    await networks.call("revoke", name);
  });

  it("lead nothing on while the table is not there", async () => {
    const networks = await open();
    const { name, place } = await newPlace(networks);
    const later = await newPlace(networks);
    await networks.call("grant", name, granted(internet));
    // Nobody is there to put it back.
    await networks.kill();
    lab().nft("delete", "table", "inet", tableOf(name));
    expect(await openFrom(place)).toEqual([]);
    for (const version of ["-4", "-6"])
      while (/^91:/m.test(lab().ip(version, "rule"))) lab().ip(version, "rule", "del", "pref", "91");
    // The world knows a way back: without that rule all of it is open.
    expect(await openFrom(later.place)).toEqual(targets.toSorted());
  });

  it("leave foreign tables as they are, byte for byte, from the first to the last", async () => {
    const text = `table ip nat {
  chain POSTROUTING {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 172.17.0.0/16 masquerade
  }
}
table inet firewalld {
  set zone { type ifname; elements = { "eth9" }; }
  chain filter_FORWARD {
    type filter hook forward priority filter + 10; policy accept;
    iifname @zone drop
  }
}
table bridge f {
  chain c {
    ether type arp accept
  }
}`;
    lab().nft(text);
    const foreign = (): string =>
      [
        ["ip", "nat"],
        ["inet", "firewalld"],
        ["bridge", "f"],
      ]
        .map((names) => lab().nft("-a", "list", "table", ...names))
        .join("");
    const before = foreign();
    const networks = await open();
    const { name, place } = await newPlace(networks);
    await networks.call("grant", name, granted(internet));
    expect(await openFrom(place)).toEqual(publicTargets);
    lab().nft("delete", "table", "inet", tableOf(name));
    await networks.hears("mended");
    await networks.call("revoke", name);
    await networks[Symbol.asyncDispose]();
    expect(foreign()).toBe(before);
    for (const names of [
      ["ip", "nat"],
      ["inet", "firewalld"],
      ["bridge", "f"],
    ])
      lab().nft("delete", "table", ...names);
  });

  it("tell of a table that drops what they let through, with the lines by which it lets them", async () => {
    lab().nft(`table ip filter {
  chain FORWARD {
    type filter hook forward priority filter; policy drop;
  }
}`);
    await using networks = await open();
    const { name, place } = await newPlace(networks);
    await networks.call("grant", name, granted(internet));
    const only6 = ["tcp,2a00:2::1,80"];
    expect(await openFrom(place)).toEqual(only6);
    const [first, beside] = await networks.call("check");
    expect(first).toMatchObject({ name: "networks", status: "ok" });
    expect(beside).toMatchObject({ name: "networks-beside", status: "warning" });
    expect(beside?.detail).toContain("the chain FORWARD of the table ip filter drops");
    for (const line of beside?.fix?.split(": ")[1]?.split("; ") ?? []) lab().nft(line.replace(/^nft /, ""));
    const other = await newPlace(networks);
    await networks.call("grant", other.name, granted(internet));
    expect(await openFrom(other.place)).toEqual(publicTargets);
    for (const one of [name, other.name]) await networks.call("revoke", one);
    lab().nft("delete", "table", "ip", "filter");
  });

  it("are refused where the range of jobs is in use, with what uses it and the way out", async () => {
    lab().ip("route", "add", "10.98.7.0/24", "via", "11.1.1.1");
    await using routed = await open(undefined, { range: "10.98.0.0/16" });
    expect(routed.lack?.why).toBe(
      "the range 10.98.0.0/16 of jobs is in use: there is a route to 10.98.7.0/24 by up0",
    );
    expect(routed.lack?.fix).toContain("network.range");
    await using addressed = await open(undefined, { range: "11.1.0.0/16" });
    expect(addressed.lack?.why).toContain("this host has the address 11.1.1.2 on up0");
    await expect(addressed.call("placeNetwork")).rejects.toThrow(/Cannot give a job a network: the range/);
    await addressed.call("revoke", "b0000-1");
    await addressed.call("reopen");
    const [check] = await addressed.call("check");
    expect(check).toMatchObject({ name: "networks", status: "warning" });
  });
});

/** The table of the server that has made that link. */
const tableOf = (link: string): string => `berth_${link.slice(1, 5)}`;
