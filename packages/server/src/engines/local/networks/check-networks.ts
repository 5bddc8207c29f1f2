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
  /** Every line of its table, as nft prints it. */
  rules: readonly string[];
}

/** By what a rule of somebody else's can name jobs. */
interface Jobs {
  /** What all their links' names begin with. */
  links: string;
  /** Their addresses, as CIDRs. */
  ranges: readonly string[];
}

/** What beside ours decides over jobs' packets on this host, and what an operator can do about it. Changes nothing. */
export async function checkBeside(server: string, ranges: readonly string[]): Promise<Check[]> {
  const jobs = { links: linkPrefix(server), ranges };
  const dropping = await droppingChains(tableOf(server));
  return [...dropping.map((chain) => checkOf(chain, jobs)), ...checkConnections()];
}

/**
 * Docker and firewalls let on what they know, and drop the rest: by their policy, or by a last rule for all. A packet
 * goes through all tables of a host: what ours lets through another still drops. Nothing of it is changed by us.
 */
async function droppingChains(ours: string): Promise<ForeignChain[]> {
  const listed = await runNft("list tables\n").catch(() => "");
  const names = [...listed.matchAll(/^table (ip|ip6|inet) (\S+)$/gm)].map((found) => ({
    family: found[1] ?? "",
    table: found[2] ?? "",
  }));
  const found = names.filter(({ table }) => table !== ours).map(droppingChainsOf);
  return (await Promise.all(found)).flat();
}

async function droppingChainsOf(named: { family: string; table: string }): Promise<ForeignChain[]> {
  const text = await runNft(`list table ${named.family} ${named.table}\n`, ["-t"]).catch(() => "");
  const rules = text.split("\n").map((line) => line.trim());
  const found: ForeignChain[] = [];
  for (const [, chain = "", body = ""] of text.matchAll(/^\tchain (\S+) \{\n(.*?)^\t\}/gms)) {
    const hook = /hook (forward|input) /.exec(body)?.[1];
    if (
      hook === undefined ||
      !/policy drop;|^\s*(counter packets \d+ bytes \d+ )?(drop|reject.*)$/m.test(body)
    )
      continue;
    found.push({ ...named, chain, rules, hook: hook === "input" ? "input" : "forward" });
  }
  return found;
}

function checkOf(foreign: ForeignChain, jobs: Jobs): Check {
  const { family, table, chain, rules, hook } = foreign;
  const name = "networks-beside";
  const which = `the chain ${chain} of the table ${family} ${table} drops what it does not know`;
  const words = [`"${jobs.links}*"`, ...jobs.ranges];
  if (rules.some((rule) => words.some((word) => rule.includes(word))))
    return {
      name,
      status: "ok",
      detail: `${which}, and has rules for jobs: whether they get through tells berth doctor --network --target`,
      fix: null,
    };
  const lost =
    hook === "forward"
      ? "jobs that have a network reach nothing through it"
      : "jobs that have a network are told no names, and reach no port of this host";
  return {
    name,
    status: "warning",
    detail: `${which}: ${lost}, unless it lets them through`,
    fix: `Let jobs' links through, where that table is made: ${linesFor(foreign, jobs).join("; ")}`,
  };
}

/** Docker keeps a chain for rules that are not its own: what stands there stays when it makes its own anew. */
function linesFor({ family, table, chain, rules, hook }: ForeignChain, { links }: Jobs): string[] {
  if (hook === "forward" && family === "ip" && rules.includes("chain DOCKER-USER {"))
    return ["-i", "-o"].map((way) => `iptables -I DOCKER-USER ${way} ${links}+ -j ACCEPT`);
  const ways = hook === "forward" ? ["iifname", "oifname"] : ["iifname"];
  return ways.map((word) => `nft insert rule ${family} ${table} ${chain} ${word} "${links}*" accept`);
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
