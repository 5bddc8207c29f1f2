import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { numberOf4, type Range4, readRange4, text4 } from "./addresses.ts";
import { findNft, runNft } from "./nft.ts";
import { linkPrefix } from "./ruleset.ts";

export interface HostLook {
  /** Why this host can hold no networks, and what to do about it; null where it can. */
  lack: { why: string; fix: string } | null;
  /** Whether it leads IPv6 on; where it does not, jobs have none. */
  hasV6: boolean;
}

/** What this host has of what networks of jobs need. Changes nothing. */
export async function lookAtHost({
  range,
  trialText,
  server,
}: {
  range: string;
  /** A table that the kernel is asked whether it could hold it. */
  trialText: string;
  /** What this server's links have in their names. */
  server: string;
}): Promise<HostLook> {
  const hasV6 = readSwitch("/proc/sys/net/ipv6/conf/all/forwarding");
  return { lack: whyNoLead() ?? whyNoRange(range, server) ?? (await whyNoTable(trialText)), hasV6 };
}

function whyNoLead(): HostLook["lack"] {
  if (findNft() === null)
    return {
      why: "there is no program nft on this host",
      fix: "apt-get install nftables, then start the server again",
    };
  if (readSwitch("/proc/sys/net/ipv4/ip_forward")) return null;
  return {
    why: "this host leads no packets on (net.ipv4.ip_forward is 0)",
    fix: "sysctl -w net.ipv4.ip_forward=1, keep it in /etc/sysctl.d, and start the server again; jobs get IPv6 with net.ipv6.conf.all.forwarding=1",
  };
}

/** Why addresses of the range cannot be jobs': something of the host's has them, or leads there. */
export function whyNoRange(text: string, server: string): HostLook["lack"] {
  const range = readRange4(text);
  const fix = "Name a range of private addresses that nobody here uses, like 10.214.0.0/16, as network.range";
  if (typeof range === "string") return { why: `the range "${text}" ${range}`, fix };
  const taken = addressIn(range, server) ?? routeInto(range, server) ?? hiddenIn(range, server);
  return taken === null ? null : { why: `the range ${text} of jobs is in use: ${taken}`, fix };
}

function addressIn(range: Range4, server: string): string | null {
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    if (isOwn(name, server)) continue;
    const found = addresses.find(
      ({ family, address }) => family === "IPv4" && isIn(range, numberOf4(address)),
    );
    if (found) return `this host has the address ${found.address} on ${name}`;
  }
  return null;
}

/** Routes to parts of the range, and to what the range is a part of, but for those to everywhere. */
function routeInto(range: Range4, server: string): string | null {
  const [, ...lines] = read("/proc/net/route").trim().split("\n");
  for (const line of lines) {
    const [name = "", destination = "", , , , , , mask = ""] = line.split("\t");
    const prefix = onesIn(mask);
    if (prefix === 0 || isOwn(name, server)) continue;
    const first = turned(destination);
    const shortest = Math.min(prefix, range.prefix);
    if (Math.floor(first / 2 ** (32 - shortest)) !== Math.floor(range.first / 2 ** (32 - shortest))) continue;
    return `there is a route to ${text4(first)}/${prefix} by ${name}`;
  }
  return null;
}

/** Addresses of links that carry nothing just now, as bridges without ports, which Node lists none of. */
function hiddenIn(range: Range4, server: string): string | null {
  const found: string[] = [];
  let address = "";
  for (const line of (read("/proc/net/fib_trie").split(/^Local:\n/m)[1] ?? "").split("\n")) {
    address = /\|-- (\S+)$/.exec(line)?.[1] ?? address;
    if (line.endsWith("/32 host LOCAL") && isIn(range, numberOf4(address))) found.push(address);
  }
  // Two links that have one address are two lines.
  const own = read("/proc/net/dev").includes(`${gatewayOf(server)}:`) ? text4(range.first + 1) : null;
  if (own !== null && found.includes(own)) found.splice(found.indexOf(own), 1);
  return found[0] === undefined ? null : `another link of this host has the address ${found[0]}`;
}

async function whyNoTable(trialText: string): Promise<HostLook["lack"]> {
  try {
    await runNft(trialText, ["-c"]);
    return null;
  } catch (error) {
    return {
      why: `the kernel does not take the table by which networks are held: ${(error as Error).message}`,
      fix: "Boot a kernel of 5.12 or newer with nf_tables and its family inet, NAT, FIB and connection limits; run the server as root",
    };
  }
}

const isOwn = (name: string, server: string): boolean =>
  name.startsWith(linkPrefix(server)) || name === gatewayOf(server);

/** The link that has the address by which jobs leave. */
export const gatewayOf = (server: string): string => `bg${server}`;

const isIn = ({ first, prefix }: Range4, address: number): boolean =>
  Math.floor(address / 2 ** (32 - prefix)) === Math.floor(first / 2 ** (32 - prefix));

/** As the kernel shows addresses: hexadecimal, the last byte first. */
function turned(hex: string): number {
  return numberOf4([6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join("."));
}

const onesIn = (mask: string): number =>
  turned(mask || "00000000")
    .toString(2)
    .replaceAll("0", "").length;

function readSwitch(path: string): boolean {
  return read(path).trim() === "1";
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
