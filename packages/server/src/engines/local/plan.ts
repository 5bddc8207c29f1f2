import {
  type Capabilities,
  type Isolation,
  type IsolationItem,
  type LimitCapability,
  limitRows,
  limitUnits,
} from "@berth/protocol";
import { whoSet } from "../../core/limits.ts";
import type { NetworkGrant } from "../../core/network/profile.ts";
import { impossibleFor, type Root, type Surroundings } from "../../core/stages/surroundings.ts";
import type { Plan, PlannedLaunch } from "../engine.ts";
import type { Networks } from "./networks/networks.ts";
import type { PlaceNetwork } from "./networks/place-network.ts";
import type { HostFacts } from "./host/host-facts.ts";

const shown: Readonly<Record<Root["kind"], string>> = {
  "host-toolchain": "host toolchain read-only",
  image: "an image, read-only",
};

const item = (name: string, detail: string): IsolationItem => ({ name, applied: true, detail });

const shownNetwork = (network: NetworkGrant): string =>
  network.kind === "none"
    ? "none: a loopback interface only"
    : `a link of its own, and what the network profile "${network.name}" grants`;

/** What every job with these surroundings has on every host that can run one: without it nothing starts. */
export const itemsOf = ({ root, network }: Pick<Surroundings, "root" | "network">): IsolationItem[] => [
  item("user-namespace", "runs as user 1000 of a range of ids that no one else on the host has"),
  item("pid-namespace", "sees no process but its own, and all of them end with its main process"),
  item("mount-namespace", `${shown[root.kind]}, own /work, /tmp and /dev; nothing else of the host`),
  item("network-namespace", shownNetwork(network)),
  item("ipc-namespace", "own"),
  item("uts-namespace", "own host name"),
  item("cgroup-namespace", "own"),
  item("capabilities", "all dropped"),
  item("no-new-privileges", "on"),
  item("seccomp", "allow-list of system calls, no 32-bit calls"),
];

/** Which isolation such a launch gets on this host. */
export function planLaunch(
  { limits, ...surroundings }: PlannedLaunch,
  { host, capabilities, lack }: { host: HostFacts; capabilities: Capabilities; lack: Networks["lack"] },
): Plan {
  const items = itemsOf(surroundings);
  const refused: Plan["refused"] = [];
  for (const { limit: name, unit, path, item: held } of limitRows) {
    if (held === undefined) continue;
    const limit = limits[name] ?? null;
    const wanted = limit === null ? held.unset : `${limitUnits[unit].show(limit.value)}, ${whoSet(limit)}`;
    if (wanted === null) continue;
    const enforceable = capabilities[held.capability];
    const reason = whyNot(held.capability, host);
    items.push({
      name: held.name,
      applied: enforceable && limit !== null,
      detail: enforceable ? wanted : `${wanted}: ${reason}`,
    });
    if (!enforceable && limit?.by === "job") refused.push({ field: path, reason });
  }
  const impossible = impossibleFor(surroundings, capabilities).map((problem) =>
    problem.field === "network" && lack !== null
      ? { ...problem, reason: `can give jobs no network: ${lack.why} (${lack.fix})` }
      : problem,
  );
  return { isolation: { level: "namespaces", items }, refused, impossible };
}

/** With what the network of its place is called, and by which addresses it is known. */
export function withLink(isolation: Isolation, network: PlaceNetwork | undefined): Isolation {
  if (network === undefined) return isolation;
  const { name, address4, address6 } = network;
  const link = [name, address4, ...(address6 === null ? [] : [address6])].join(", ");
  const items = isolation.items.map((one) =>
    one.name === "network-namespace" && one.applied ? { ...one, detail: `${one.detail}: ${link}` } : one,
  );
  return { ...isolation, items };
}

/** With how the limit on the disk is held, which is known once the job's folder is there. */
export function withDiskBound(isolation: Isolation, bound: "quota" | "measured"): Isolation {
  const how = bound === "quota" ? "a quota of the file system" : "measured every few seconds and at the end";
  const items = isolation.items.map((one) =>
    one.name === "disk-limit" && one.applied ? { ...one, detail: `${one.detail}: ${how}` } : one,
  );
  return { ...isolation, items };
}

function whyNot(capability: LimitCapability, { layout, devices }: HostFacts): string {
  if (capability === "ioLimits" && layout.io !== null && devices.length === 0) {
    return "the data folder lies on no block device of this host";
  }
  if (layout.mode === "v2") return "this host's kernel does not offer the controller for it";
  return "this host has control groups of version 1, of which Berth uses cpu and pids only; version 2 is needed";
}
