import type { Destination } from "../../../core/network/profile.ts";
import { type ClosedRange, closed4, closed6 } from "../../../core/network/closed.ts";

/** What the table of one server is made of. Nothing of a job is in it: jobs are elements of its sets. */
export interface RulesetOptions {
  /** Tells the servers of one host apart: letters and digits, at most 6. */
  server: string;
  range4: string;
  range6: string;
  /** Where jobs ask for names, and the port on it at which the resolver listens. */
  gateway: string;
  resolverPort: number;
  profiles: readonly ProfileRules[];
}

/** A profile as far as the kernel holds it. */
interface ProfileRules {
  /** Names its chains and sets. */
  id: string;
  /** Whether all public addresses are open; else only what is named, or was opened by the resolver. */
  isPublic: boolean;
  named: readonly Destination[];
  /** Ports of the host's gateway address that it opens, TCP. */
  hostPorts: readonly number[];
  /** Most connections of one job; null for any number. */
  connections: number | null;
}

/** How many jobs a set keyed by their links has room for: in a full one a limit would hold for nobody. */
const MOST_JOBS = 65_536;
const MOST_OPENED = 262_144;
/** Bits of the mark of a job's packet, by which the host's routing knows that this table has seen it. */
const STAMP = { value: 0x00be0000, mask: 0x00ff0000 } as const;

export const tableOf = (server: string): string => `berth_${server}`;
const linkPrefix = (server: string): string => `b${server}-`;

/**
 * The whole table, as text for `nft -f -`: one transaction, in which the table that was there goes. Every rule that stops
 * something bears a comment, by which the tests take it out to see that it matters.
 */
export function ruleset(options: RulesetOptions): string {
  const table = tableOf(options.server);
  const parts = [
    grants,
    openings,
    evidence,
    closedSet("closed4", { type: "ipv4_addr", ranges: closed4 }),
    closedSet("closed6", { type: "ipv6_addr", ranges: closed6 }),
    common,
    ...options.profiles.map((profile) => profileChains(profile, options)),
    hooks(options),
  ];
  return `table inet ${table}\ndelete table inet ${table}\ntable inet ${table} {\n${parts.join("\n")}\n}\n`;
}

/** One element per running job, in each: which profile's chains what comes out of its link goes through. */
const grants = `  map grants { type ifname : verdict; size ${MOST_JOBS}; }
  map doors { type ifname : verdict; size ${MOST_JOBS}; }`;

const destination = (version: 4 | 6): string => `ifname . ipv${version}_addr . inet_proto . inet_service`;

const openings = `  set opened4 { type ${destination(4)}; flags timeout; size ${MOST_OPENED}; }
  set opened6 { type ${destination(6)}; flags timeout; size ${MOST_OPENED}; }`;

/** `add` leaves the end of an element where it was, which tells the first time; `update` puts it off, which tells the last. */
const evidence = [
  `  set observed { type ifname; size ${MOST_JOBS}; }`,
  ...["sent", "got", "refused"].flatMap((name) =>
    ([4, 6] as const).map(
      (version) =>
        `  set ${name}${version} { type ${destination(version)}; flags dynamic,timeout; timeout 7d; size ${MOST_JOBS}; counter; }`,
    ),
  ),
  `  set refusals { type ifname; flags dynamic; size ${MOST_JOBS}; counter; }`,
  ...["telling", "asking"].map((name) => `  set ${name} { type ifname; flags dynamic; size ${MOST_JOBS}; }`),
].join("\n");

function closedSet(name: string, { type, ranges }: { type: string; ranges: readonly ClosedRange[] }): string {
  const elements = ranges.map(({ range }) => range).join(", ");
  return `  set ${name} { type ${type}; flags interval; elements = { ${elements} }; }`;
}

/** A key of what is counted, by the link and the other end. */
const to = (version: 4 | 6): string =>
  `{ iifname . ${version === 4 ? "ip" : "ip6"} daddr . meta l4proto . th dport }`;
const from = (version: 4 | 6): string =>
  `{ oifname . ${version === 4 ? "ip" : "ip6"} saddr . meta l4proto . th sport }`;

const common = `  chain say_no {
    meta l4proto tcp reject with tcp reset
    limit rate 1000/second burst 200 packets reject with icmpx admin-prohibited
    drop
  }
  chain refuse {
    update @refusals { iifname }
    update @telling { iifname limit rate over 20/second burst 100 packets } goto say_no
    meta l4proto { tcp, udp } add @refused4 ${to(4)}
    meta l4proto { tcp, udp } add @refused6 ${to(6)}
    goto say_no
  }
  chain pass {
    iifname @observed meta l4proto { tcp, udp } add @sent4 ${to(4)}
    iifname @observed meta l4proto { tcp, udp } add @sent6 ${to(6)}
    accept
  }
  chain closed {
    ip daddr @closed4 goto refuse comment "closed4"
    ip6 daddr @closed6 goto refuse comment "closed6"
  }
  chain proper {
    fib saddr . iif oif missing drop comment "a forged source"
    ip option lsrr exists drop comment "a loose source route"
    ip option ssrr exists drop comment "a strict source route"
    ip option rr exists drop comment "a recorded route"
    exthdr rt exists drop comment "a routing header"
    ct state invalid drop comment "of no connection"
    meta l4proto != { tcp, udp, icmp, ipv6-icmp } goto refuse comment "another protocol"
  }`;

function profileChains(profile: ProfileRules, { gateway, resolverPort }: RulesetOptions): string {
  const { id, isPublic, named, hostPorts, connections } = profile;
  const limit =
    connections === null
      ? ""
      : `    add @${id}_connections { iifname ct count over ${connections} } goto refuse comment "too many connections"\n`;
  const open = isPublic
    ? [`    goto ${id}_pass`]
    : [
        `    iifname . ip daddr . meta l4proto . th dport @opened4 goto ${id}_pass`,
        `    iifname . ip6 daddr . meta l4proto . th dport @opened6 goto ${id}_pass`,
        `    goto refuse comment "what nobody named"`,
      ];
  const ports = hostPorts.length === 0 ? "" : doorTo(gateway, hostPorts);
  return `  set ${id}_connections { type ifname; flags dynamic; size ${MOST_JOBS}; }
${namedSet(`${id}_named4`, { version: 4, named })}
${namedSet(`${id}_named6`, { version: 6, named })}
  chain ${id}_pass {
${limit}    goto pass
  }
  chain ${id}_out {
    ip daddr . meta l4proto . th dport @${id}_named4 goto ${id}_pass
    ip6 daddr . meta l4proto . th dport @${id}_named6 goto ${id}_pass
    jump closed
${open.join("\n")}
  }
  chain ${id}_door {
    ct status dnat ip daddr ${gateway} meta l4proto { tcp, udp } th dport ${resolverPort} accept
${ports}    goto refuse comment "the host itself"
  }`;
}

function doorTo(gateway: string, ports: readonly number[]): string {
  return `    ct status ! dnat ip daddr ${gateway} tcp dport { ${ports.join(", ")} } accept\n`;
}

function namedSet(
  name: string,
  { version, named }: { version: 4 | 6; named: readonly Destination[] },
): string {
  const own = named.filter(({ range }) => range.includes(":") === (version === 6));
  const elements = own.map(
    ({ range, protocol, ports }) => `${range} . ${protocol} . ${ports.first}-${ports.last}`,
  );
  const content = elements.length === 0 ? "" : ` elements = { ${elements.join(", ")} };`;
  return `  set ${name} { type ipv${version}_addr . inet_proto . inet_service; flags interval;${content} }`;
}

/** Where the kernel comes in. All that is not of a job's link is left alone by the first word of each chain. */
function hooks({ server, range4, range6, gateway, resolverPort }: RulesetOptions): string {
  const links = `"${linkPrefix(server)}*"`;
  const kept = `0x${(~STAMP.mask >>> 0).toString(16)}`;
  return `  chain from_job {
    jump proper
    ct state established,related goto pass
    iifname vmap @grants
    goto refuse comment "before a grant"
  }
  chain to_job {
    oifname @observed meta l4proto { tcp, udp } update @got4 ${from(4)}
    oifname @observed meta l4proto { tcp, udp } update @got6 ${from(6)}
    ct state established,related accept
    iifname ${links} goto refuse comment "another job"
    drop comment "inbound"
  }
  chain to_host {
    jump proper
    ct state established,related accept
    ct status dnat update @asking { iifname limit rate over 200/second burst 400 packets } drop comment "too many questions"
    iifname vmap @doors
    goto refuse comment "the host before a grant"
  }
  chain stamp {
    type filter hook prerouting priority mangle; policy accept;
    iifname ${links} meta mark set meta mark & ${kept} | 0x${STAMP.value.toString(16)}
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    oifname ${links} jump to_job
    iifname ${links} goto from_job
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname ${links} goto to_host
  }
  chain output {
    type filter hook output priority filter; policy accept;
    oifname ${links} ct state new drop comment "from the host"
  }
  chain turn {
    type nat hook prerouting priority dstnat; policy accept;
    iifname ${links} ip daddr ${gateway} meta l4proto { tcp, udp } th dport 53 dnat ip to ${gateway}:${resolverPort}
  }
  chain hide {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${range4} oifname != ${links} masquerade fully-random
    ip6 saddr ${range6} oifname != ${links} masquerade fully-random
  }`;
}
