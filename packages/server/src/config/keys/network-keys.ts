import { addressRanges, jobRange, networkProfile, oneOf, orNone, size } from "../parsers.ts";
import { key } from "./key.ts";

/** Networks of jobs. */
export const networkKeys = {
  networkRange: key({
    env: "BERTH_NETWORK_RANGE",
    yaml: "network.range",
    parser: jobRange,
    default: "10.213.0.0/16",
    about:
      "Addresses of jobs with a network, on the local engine; the first is where they ask for names. It must not overlap what the host has a route to, and each server of a host needs another: `berth doctor` says so, and no profile is held then",
  }),
  networkForeignChanges: key({
    env: "BERTH_NETWORK_FOREIGN_CHANGES",
    yaml: "network.foreignChanges",
    parser: oneOf("mend", "stop-jobs"),
    default: "mend",
    about:
      "What happens when somebody else changes the tables that hold jobs' networks: `mend` puts them back, `stop-jobs` ends the jobs that have a network as well, at once and with that as their cause",
  }),
  sourcesAllow: key({
    env: "BERTH_SOURCES_ALLOW",
    yaml: "sources.allow",
    parser: orNone(addressRanges),
    default: "none",
    about:
      "Addresses that the code of tasks may be fetched from beside the public ones, and beside what a runner's network profile opens: ranges of what is private, or of this host",
  }),
  callbacksAllow: key({
    env: "BERTH_CALLBACKS_ALLOW",
    yaml: "callbacks.allow",
    parser: orNone(addressRanges),
    default: "none",
    about:
      "Addresses that the ends of jobs may be told to beside the public ones: ranges of what is private, or of this host",
  }),
  sourcesBytes: key({
    env: "BERTH_SOURCES_BYTES",
    yaml: "sources.bytes",
    parser: size,
    default: "10GiB",
    about:
      "What the trees of fetched commits may take of the data disk, which later runs of the same commit find as they are: beyond it those go that were used least recently and that no unfinished job names. 0 keeps none",
  }),
  networkDefault: key({
    env: "BERTH_NETWORK_DEFAULT",
    yaml: "network.default",
    parser: networkProfile,
    default: "none",
    about:
      "Network profile of jobs that name none: `none`, `internet`, or one of BERTH_NETWORKS or of the API. Whoever may not use it has to name another",
  }),
};
