import { disjoint, disjointServices } from "../../../core/network/disjoint.ts";
import type { Destination, NetworkRules, Service } from "../../../core/network/profile.ts";

/** A profile as far as the kernel holds it. `id` names its chains and sets. */
export interface NamedRules {
  id: string;
  rules: NetworkRules;
}

/** How many jobs one set has room for. */
const MOST_JOBS = 65_536;
/** A set for a limit of each job; what nobody has used for a while goes, as a full one would limit nobody. */
const meterSet = (name: string): string =>
  `  set ${name} { type ifname; flags dynamic,timeout; timeout 1m; size ${MOST_JOBS}; }`;

/** The chains and sets of a profile, in words of nft: inside of a table, which may be there already. */
export function profileText(
  { id, rules }: NamedRules,
  at: { gateway: string; resolverPort: number },
): string {
  return [
    ...setsOf({ id, rules }),
    passChain({ id, rules }),
    outChain({ id, rules }),
    doorChain({ id, rules }, at),
  ]
    .concat(rules.rate === null ? [] : [meterChains(id, rules.rate)])
    .join("\n");
}

/** What takes them out again, once no link is granted it. */
export function profileRemoval(table: string, { id, rules }: NamedRules): string {
  const chains = ["out", "door", "pass"].concat(rules.rate === null ? [] : ["up", "down"]);
  const sets = ["named4", "named6", "open4", "open6", "services"];
  if (rules.connections !== null) sets.push("connections");
  if (rules.rate !== null) sets.push("meter_up", "meter_down");
  return [
    ...chains.map((chain) => `flush chain inet ${table} ${id}_${chain}`),
    ...chains.map((chain) => `delete chain inet ${table} ${id}_${chain}`),
    ...sets.map((set) => `delete set inet ${table} ${id}_${set}`),
    "",
  ].join("\n");
}

function setsOf({ id, rules: { named, open, services, connections, rate } }: NamedRules): string[] {
  return [
    destinationSet(`${id}_named4`, { version: 4, all: named }),
    destinationSet(`${id}_named6`, { version: 6, all: named }),
    destinationSet(`${id}_open4`, { version: 4, all: open }),
    destinationSet(`${id}_open6`, { version: 6, all: open }),
    intervalSet(`${id}_services`, {
      type: "inet_proto . inet_service",
      elements: disjointServices(services).map(portsOf),
    }),
    // Elements of which no connection is left go by themselves.
    ...(connections === null
      ? []
      : [`  set ${id}_connections { type ifname; flags dynamic; size ${MOST_JOBS}; }`]),
    ...(rate === null ? [] : [`${id}_meter_up`, `${id}_meter_down`].map(meterSet)),
  ];
}

function destinationSet(
  name: string,
  { version, all }: { version: 4 | 6; all: readonly Destination[] },
): string {
  const own = all.filter(({ range }) => range.includes(":") === (version === 6));
  const elements = disjoint(own).map((one) => `${one.range} . ${portsOf(one)}`);
  return intervalSet(name, { type: `ipv${version}_addr . inet_proto . inet_service`, elements });
}

function intervalSet(
  name: string,
  { type, elements }: { type: string; elements: readonly string[] },
): string {
  const content = elements.length === 0 ? "" : ` elements = { ${elements.join(", ")} };`;
  return `  set ${name} { type ${type}; flags interval;${content} }`;
}

const portsOf = ({ protocol, ports: { first, last } }: Service): string => `${protocol} . ${first}-${last}`;

function passChain({ id, rules: { connections } }: NamedRules): string {
  const limit =
    connections === null
      ? ""
      : `    add @${id}_connections { iifname ct count over ${connections} } goto refuse comment "too many connections"\n`;
  return `  chain ${id}_pass {\n${limit}    goto pass\n  }`;
}

/** What is named is open; then what is closed to all is closed; then what is open where it is public. */
function outChain({ id, rules: { isPublic } }: NamedRules): string {
  const listed = (set: string): string[] => [
    `    ip daddr . meta l4proto . th dport @${id}_${set}4 goto ${id}_pass`,
    `    ip6 daddr . meta l4proto . th dport @${id}_${set}6 goto ${id}_pass`,
  ];
  const lookedUp = [
    `    iifname . ip daddr @opened4 meta l4proto . th dport @${id}_services goto ${id}_pass`,
    `    iifname . ip6 daddr @opened6 meta l4proto . th dport @${id}_services goto ${id}_pass`,
    `    goto refuse comment "what nobody named"`,
  ];
  const open = isPublic ? [`    goto ${id}_pass`] : [...listed("open"), ...lookedUp];
  return [`  chain ${id}_out {`, ...listed("named"), "    jump closed", ...open, "  }"].join("\n");
}

/** To the host itself: names are asked for there, and its services are reached that the profile names. */
function doorChain(
  { id, rules: { hostPorts } }: NamedRules,
  { gateway, resolverPort }: { gateway: string; resolverPort: number },
): string {
  const lines = [
    `    ct status dnat ip daddr ${gateway} meta l4proto { tcp, udp } th dport ${resolverPort} accept`,
    ...(hostPorts.length === 0
      ? []
      : [
          `    ct status ! dnat ip daddr ${gateway} tcp dport { ${[...new Set(hostPorts)].join(", ")} } accept`,
        ]),
    `    goto refuse comment "the host itself"`,
  ];
  return [`  chain ${id}_door {`, ...lines, "  }"].join("\n");
}

/** What is faster is dropped, and sent again slower. A quarter of a second's worth may come at once. */
function meterChains(id: string, rate: number): string {
  const limit = `limit rate over ${rate} bytes/second burst ${Math.max(Math.round(rate / 4), 65_536)} bytes`;
  return `  chain ${id}_up {
    update @${id}_meter_up { iifname ${limit} } drop comment "more than may go out"
  }
  chain ${id}_down {
    update @${id}_meter_down { oifname ${limit} } drop comment "more than may come in"
  }`;
}
