import { type ClosedRange, closed4, closed6 } from "../../../core/network/closed.ts";
import { type NamedRules, profileText } from "./profile-text.ts";

/** What the table of one server is made of. Of a job there are only elements of its sets, one or a few in each. */
export interface RulesetOptions extends TableOptions {
  profiles: readonly NamedRules[];
  granted: readonly GrantedLink[];
}

export interface TableOptions {
  /** Tells the servers of one host apart: letters and digits, at most 6. */
  server: string;
  range4: string;
  /** null where the host leads no IPv6 on. */
  range6: string | null;
  /** Where jobs ask for names, and the port on it at which the resolver listens. */
  gateway: string;
  resolverPort: number;
}

/** Of one job: which profile what comes out of its link goes through. */
export interface GrantedLink {
  link: string;
  profile: string;
  observe: boolean;
  /** Whether the profile has a rate. */
  isMetered: boolean;
}

/** How many jobs a set keyed by their links has room for: in a full one a limit would hold for nobody. */
const MOST_JOBS = 65_536;
const MOST_OPENED = 262_144;
/** Bits of the mark of a job's packet, by which the host's routing knows that this table has seen it. */
export const STAMP = { value: 0x00be0000, mask: 0x00ff0000 } as const;

export const tableOf = (server: string): string => `berth_${server}`;
export const linkPrefix = (server: string): string => `b${server}-`;

/**
 * The whole table, as text for `nft -f -`: one transaction, in which the table that was there goes. Every rule that stops
 * something bears a comment, by which the tests take it out to see that it matters.
 */
export function ruleset(options: RulesetOptions): string {
  const table = tableOf(options.server);
  const parts = [
    lettingThrough,
    openings,
    evidence,
    closedSet("closed4", { type: "ipv4_addr", ranges: closed4 }),
    closedSet("closed6", { type: "ipv6_addr", ranges: closed6 }),
    common,
    ...options.profiles.map((profile) => profileText(profile, options)),
    hooks(options),
  ];
  const elements = options.granted.map((granted) => grantText(table, granted));
  return `table inet ${table}\ndelete table inet ${table}\ntable inet ${table} {\n${parts.join("\n")}\n}\n${elements.join("")}`;
}

/** What `berth-init nets` does with `grant`, in words of nft. */
function grantText(table: string, { link, profile, observe, isMetered }: GrantedLink): string {
  const add = (set: string, value = ""): string => `add element inet ${table} ${set} { "${link}"${value} }\n`;
  const meters = [add("upward", ` : jump ${profile}_up`), add("downward", ` : jump ${profile}_down`)];
  const ways = [add("grants", ` : goto ${profile}_out`), add("doors", ` : goto ${profile}_door`)];
  return [...ways, ...(observe ? [add("observed")] : []), ...(isMetered ? meters : [])].join("");
}

/** One element per running job in the first two: which profile's chains what comes out of its link goes through. */
const lettingThrough = ["grants", "doors", "upward", "downward"]
  .map((name) => `  map ${name} { type ifname : verdict; size ${MOST_JOBS}; }`)
  .join("\n");

const openings = ([4, 6] as const)
  .map(
    (version) =>
      `  set opened${version} { type ifname . ipv${version}_addr; flags timeout; size ${MOST_OPENED}; }`,
  )
  .join("\n");

/** A limit in a full set would limit nobody: what nobody has used for a while goes. */
const meterSet = (name: string): string =>
  `  set ${name} { type ifname; flags dynamic,timeout; timeout 1m; size ${MOST_JOBS}; }`;

const destination = (version: 4 | 6): string => `ifname . ipv${version}_addr . inet_proto . inet_service`;

/** `add` leaves the end of an element where it was, which tells the first time; `update` puts it off, which tells the last. */
const evidence = [
  `  set observed { type ifname; size ${MOST_JOBS}; }`,
  ...["sent", "got", "refused", "again"].flatMap((name) =>
    ([4, 6] as const).map(
      (version) =>
        `  set ${name}${version} { type ${destination(version)}; flags dynamic,timeout; timeout 7d; size ${MOST_JOBS}; counter; }`,
    ),
  ),
  `  set refusals { type ifname; flags dynamic; size ${MOST_JOBS}; counter; }`,
  ...["telling", "asking"].map(meterSet),
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
    meta l4proto { tcp, udp } update @again4 ${to(4)}
    meta l4proto { tcp, udp } update @again6 ${to(6)}
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

/** Where the kernel comes in. All that is not of a job's link is left alone by the first word of each chain. */
function hooks({ server, range4, range6, gateway, resolverPort }: TableOptions): string {
  const links = `"${linkPrefix(server)}*"`;
  const kept = `0x${(~STAMP.mask >>> 0).toString(16)}`;
  const hidden = [`ip saddr ${range4}`, ...(range6 === null ? [] : [`ip6 saddr ${range6}`])];
  return `  chain from_job {
    jump proper
    iifname vmap @upward
    ct state established,related goto pass
    iifname vmap @grants
    goto refuse comment "before a grant"
  }
  chain to_job {
    oifname vmap @downward
    oifname @observed meta l4proto { tcp, udp } update @got4 ${from(4)}
    oifname @observed meta l4proto { tcp, udp } update @got6 ${from(6)}
    ct state established,related accept
    iifname ${links} goto refuse comment "another job"
    drop comment "inbound"
  }
  chain question {
    update @asking { iifname limit rate over 200/second burst 400 packets } drop comment "too many questions"
  }
  chain to_host {
    jump proper
    meta l4proto udp ct status dnat jump question
    ct state established,related accept
    meta l4proto tcp ct status dnat jump question
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
${hidden.map((of) => `    ${of} oifname != ${links} masquerade fully-random`).join("\n")}
  }`;
}
