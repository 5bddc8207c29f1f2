import { networkInterfaces } from "node:os";
import type { ServerReport } from "@berth/protocol";
import { closed4, closed6 } from "../../core/network/closed.ts";

/** A job's own loopback answers for itself: what goes there leaves nothing. */
const OWN = "127.0.0.0/8";

/** Addresses that no job may reach by `internet`, one of each closed class and all of this host's, with why. */
export function networkTrials(): ServerReport["network"]["trials"] {
  const classes = [...closed4, ...closed6].filter(({ range }) => range !== OWN);
  const own = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  return [
    ...classes.map(({ sample, why }) => ({ address: sample, why })),
    ...own.slice(0, MOST_OWN).map(({ address }) => ({ address, why: "this host's own" })),
  ];
}

/** So many are tried of a host that has very many: each costs a line of the evidence, which is bounded. */
const MOST_OWN = 8;
