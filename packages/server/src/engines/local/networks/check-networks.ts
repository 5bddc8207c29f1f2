import { readFileSync } from "node:fs";
import type { Check } from "@berth/protocol";
import { runNft } from "./nft.ts";
import { linkPrefix, tableOf } from "./ruleset.ts";

/** A base chain through which what jobs send comes as well, and which drops what nobody there lets through. */
interface ForeignChain {
  family: string;
  table: string;
  chain: string;
  /** Where it comes in: jobs' packets that are led on, or those to the host itself. */
  hook: "forward" | "input";
}

/** What beside ours decides over jobs' packets on this host, and what an operator can do about it. Changes nothing. */
export async function checkBeside(server: string): Promise<Check[]> {
  const dropping = await droppingChains(server);
  return [...dropping.map((chain) => droppingCheck(chain, server)), ...checkConnections()];
}

/**
 * Docker and firewalls let on what they know, and drop the rest. A packet goes through all tables of a host: what ours
 * lets through another still drops. Nothing of it is changed by us.
 */
async function droppingChains(server: string): Promise<ForeignChain[]> {
  const listed = await runNft("list chains\n").catch(() => "");
  const found: ForeignChain[] = [];
  let [family, table, chain] = ["", "", ""];
  for (const line of listed.split("\n")) {
    [, family = family, table = table] = /^table (\S+) (\S+) \{/.exec(line) ?? [];
    [, chain = chain] = /^\s*chain (\S+) \{/.exec(line) ?? [];
    const hook = /hook (forward|input) .*policy drop/.exec(line)?.[1];
    if (hook === undefined || table === tableOf(server)) continue;
    if (["ip", "ip6", "inet"].includes(family))
      found.push({ family, table, chain, hook: hook === "input" ? "input" : "forward" });
  }
  return found;
}

function droppingCheck({ family, table, chain, hook }: ForeignChain, server: string): Check {
  const links = `"${linkPrefix(server)}*"`;
  const ways = hook === "forward" ? ["iifname", "oifname"] : ["iifname"];
  const lost =
    hook === "forward"
      ? "jobs that have a network reach nothing through it"
      : "jobs that have a network are told no names, and reach no port of this host";
  const lines = ways.map((word) => `nft insert rule ${family} ${table} ${chain} ${word} ${links} accept`);
  return {
    name: "networks-beside",
    status: "warning",
    detail: `the chain ${chain} of the table ${family} ${table} drops what it does not know: ${lost}, unless it lets them through`,
    fix: `Let jobs' links through, where that table is made: ${lines.join("; ")}`,
  };
}

/** Of all connections that the host can keep in mind, jobs should not be able to take the most. */
function checkConnections(): Check[] {
  const [used, most] = ["count", "max"].map((name) =>
    readNumber(`/proc/sys/net/netfilter/nf_conntrack_${name}`),
  );
  if (!used || !most || used < most * 0.75) return [];
  return [
    {
      name: "networks-connections",
      status: "warning",
      detail: `${used} of ${most} connections that this host can keep in mind are in use: at the end of it nobody gets new ones`,
      fix: "Raise net.netfilter.nf_conntrack_max, or lower the connections of the network profiles",
    },
  ];
}

function readNumber(path: string): number | null {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
