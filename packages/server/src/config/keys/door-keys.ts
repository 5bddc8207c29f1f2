import { descriptorBudget } from "../descriptor-budget.ts";
import type { Host } from "../host.ts";
import { key } from "./key.ts";
import { percentage, wholeNumber } from "../parsers.ts";

/** Jobs that run at once where nobody says otherwise. */
export function defaultMaxJobs({ cores }: Host): number {
  return Math.min(8 * cores, 256);
}

function budgetOf(host: Host): ReturnType<typeof descriptorBudget> {
  return descriptorBudget({ descriptors: host.descriptors, maxJobs: defaultMaxJobs(host) });
}

/** What callers may hold open together, and each of them. */
export const doorKeys = {
  maxConnections: key({
    env: "BERTH_MAX_CONNECTIONS",
    yaml: "doors.maxConnections",
    parser: wholeNumber(16, 1_000_000),
    default: (host) => String(Math.min(4096, budgetOf(host).connections)),
    defaultText:
      "4096, or what the limit of open files (`ulimit -n`) leaves room for: two fifths of what jobs do not need",
    about:
      "Connections that may be open, half of them over REST and half over gRPC. Over REST the oldest that nobody known uses gives way; over gRPC one more is refused with TOO_MANY_OPEN",
  }),
  maxStreams: key({
    env: "BERTH_MAX_STREAMS",
    yaml: "doors.maxStreams",
    parser: wholeNumber(8, 1_000_000),
    default: (host) => String(Math.min(1024, budgetOf(host).streams)),
    defaultText: "1024, or what the limit of open files leaves room for, at three for each stream",
    about:
      "Streams of output, events and artifacts that may be open at once; one more is refused with TOO_MANY_OPEN. A tenth is for administrators only",
  }),
  maxCalls: key({
    env: "BERTH_MAX_CALLS",
    yaml: "doors.maxCalls",
    parser: wholeNumber(16, 1_000_000),
    default: "4096",
    about:
      "Calls over gRPC that may be under way at once, waits and streams among them; one more is refused with TOO_MANY_OPEN",
  }),
  principalShare: key({
    env: "BERTH_PRINCIPAL_SHARE",
    yaml: "doors.principalShare",
    parser: percentage,
    default: "25%",
    about: "The part of all connections, streams and calls that one principal may hold",
  }),
};
