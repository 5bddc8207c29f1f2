import { isIP } from "node:net";
import { readAddress, writeAddress } from "../../core/network/cidr.ts";
import { NetworkJudge } from "../../core/network/judge.ts";
import { reachOf, whyRefused } from "../../outbound/reach.ts";
import type { Judge } from "../../outbound/connect.ts";
import type { Door } from "./door.ts";

/** Whether a door may lead to an address: by the operator's word, else by the profile, else where it is public. */
export function judgeOf({
  host,
  port,
  rules,
  allowed,
}: Pick<Door, "host" | "port" | "rules" | "allowed">): Judge {
  const named = reachOf(allowed);
  const profile = rules === null ? null : new NetworkJudge(rules);
  return (address) => {
    const closed = whyRefused(address, named);
    if (profile === null)
      return closed === null ? null : `${address} is not public, and BERTH_SOURCES_ALLOW does not name it`;
    if (closed === null && whyRefused(address, reachOf([])) !== null) return null;
    const name = isIP(host) === 0 ? host : null;
    const { passes } = profile.judge({ name, address, protocol: "tcp", port });
    return passes ? null : `the runner's network profile does not lead to ${address}, port ${port}`;
  };
}

/** Whether two hosts are spelled for the same: a name, or an address in any form. */
export function isSameHost(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => {
    const address = readAddress(text);
    return address === null ? text.toLowerCase() : writeAddress(address);
  });
  return a === b;
}
