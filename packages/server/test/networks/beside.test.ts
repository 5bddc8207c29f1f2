import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { grantOf, internetRules } from "../../src/core/network/profile.ts";
import { serverMark } from "../../src/engines/local/networks/addresses.ts";
import { patiently } from "../support/patience.ts";
import { DrivenNetworks } from "./driven-networks.ts";
import { PlayNetwork, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: what others change beside jobs' networks, because ${missing}`);

const play = missing === null ? await PlayNetwork.open({ world: [], ports: [], profiles: [] }) : null;
afterAll(() => play?.[Symbol.asyncDispose](), patiently(60_000));

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};
const internet = grantOf("internet", { rules: internetRules, observe: false });
const folderOf = (name: string): string => join(lab().host.folder.path, name);
const open = (dataDir: string): Promise<DrivenNetworks> =>
  DrivenNetworks.open(lab().host.networkOption, { dataDir, range: "10.97.0.0/24", foreignChanges: "mend" });

describe.skipIf(play === null)("networks of jobs, beside others", { timeout: patiently(60_000) }, () => {
  it("tell of a table that drops what comes to this host: no job is told names", async () => {
    lab().nft(
      "add table ip wall; add chain ip wall in { type filter hook input priority filter; policy drop; }",
    );
    await using networks = await open(folderOf("data-1"));
    const [, beside] = await networks.call("check");
    lab().nft("delete", "table", "ip", "wall");
    expect(beside?.detail).toContain("the chain in of the table ip wall drops");
    expect(beside?.detail).toContain("are told no names");
    expect(beside?.fix).toMatch(/nft insert rule ip wall in iifname "b\w{4}-\*" accept$/);
  });

  it("tell the lines for the chain that Docker keeps for others' rules, and are quiet once it has them", async () => {
    lab().nft(`table ip filter {
  chain DOCKER-USER {
    counter return
  }
  chain FORWARD {
    type filter hook forward priority filter; policy drop;
    counter jump DOCKER-USER
  }
}`);
    await using networks = await open(folderOf("data-3"));
    const [, beside] = await networks.call("check");
    const lines = beside?.fix?.split(": ")[1]?.split("; ") ?? [];
    const links = /b\w{4}-/.exec(beside?.fix ?? "")?.[0] ?? "";
    expect(lines).toEqual(["-i", "-o"].map((way) => `iptables -I DOCKER-USER ${way} ${links}+ -j ACCEPT`));
    lab().nft(`insert rule ip filter DOCKER-USER iifname "${links}*" counter accept`);
    const [, then] = await networks.call("check");
    lab().nft("delete", "table", "ip", "filter");
    expect(then).toMatchObject({ name: "networks-beside", status: "ok", fix: null });
    expect(then?.detail).toContain("has rules for jobs");
  });

  it("tell of a firewall whose last rule refuses, and see rules that name jobs by their addresses", async () => {
    lab().nft(`table inet wall {
  chain on {
    type filter hook forward priority filter + 10; policy accept;
    ct state established,related accept
    counter reject with icmpx type admin-prohibited
  }
  chain other {
    type filter hook forward priority filter + 20; policy accept;
    ip daddr 192.0.2.1 drop
  }
}`);
    await using networks = await open(folderOf("data-4"));
    const [, ...beside] = await networks.call("check");
    lab().nft("insert rule inet wall on ip saddr 10.97.0.0/24 accept");
    const [, then] = await networks.call("check");
    lab().nft("delete", "table", "inet", "wall");
    expect(beside.map((check) => check.detail)).toEqual([
      expect.stringContaining(
        "the chain on of the table inet wall drops what it does not know: jobs that have",
      ),
    ]);
    expect(then?.status).toBe("ok");
  });

  it("have their table put back by the next server where somebody has changed it while none was there", async () => {
    const folder = folderOf("data-2");
    const before = await open(folder);
    await before.call("open");
    const { name } = await before.call("placeNetwork");
    await before.call("grant", name, internet);
    await before.kill();
    const listed = (): string => lab().nft("list", "chain", "inet", `berth_${serverMark(folder)}`, "closed");
    const whole = listed();
    lab().nft("flush", "chain", "inet", `berth_${serverMark(folder)}`, "closed");
    await using next = await open(folder);
    await next.call("open");
    expect(listed()).toBe(whole);
    await next.hears(/while no server was there/);
  });
});
