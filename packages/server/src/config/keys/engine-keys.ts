import type { Host } from "../host.ts";
import { absolutePath, engineList, engineNames, groupName, oneOf, orNone, wholeNumber } from "../parsers.ts";
import { key } from "./key.ts";

const MiB = 2 ** 20;

/** What runs the jobs. */
export const engineKeys = {
  engine: key({
    env: "BERTH_ENGINE",
    yaml: "engine",
    parser: oneOf(...engineNames),
    default: "local",
    about:
      "What runs the jobs that name no engine: `local` is this host, `fake` runs nothing and plays a script (demos, tests). `/readyz` tells of this one",
  }),
  moreEngines: key({
    env: "BERTH_MORE_ENGINES",
    yaml: "moreEngines",
    parser: orNone(engineList),
    default: "none",
    about:
      "Engines that are open beside it, comma-separated, for jobs that name one of them as their `engine`",
  }),
  runtime: key({
    env: "BERTH_RUNTIME",
    yaml: "runtime",
    parser: absolutePath,
    default: "/usr/bin/crun",
    about: "OCI runtime of the local engine",
  }),
  sandboxMaker: key({
    env: "BERTH_SANDBOX_MAKER",
    yaml: "sandboxMaker",
    parser: oneOf("berth", "runtime"),
    default: "berth",
    about:
      "Who makes the sandboxes of the local engine: `berth` itself, or the OCI `runtime`, which makes the same and takes more than twice the CPU time. Another runtime than `/usr/bin/crun` makes them itself in any case",
  }),
  warmSandboxes: key({
    env: "BERTH_WARM_SANDBOXES",
    yaml: "warmSandboxes",
    parser: wholeNumber(0, 1000),
    default: (host) => String(warmSandboxes(host)),
    defaultText: "2 for each core, at most 32, and one for each 256 MiB of memory",
    about:
      "Most sandboxes that stand ready for the next jobs of the local engine; how many do follows the load. Each takes about 1 MiB of memory and serves one job. `0` makes each when its job comes, which takes some 10 ms longer",
  }),
  warmNetworked: key({
    env: "BERTH_WARM_NETWORKED",
    yaml: "warmNetworked",
    parser: wholeNumber(0, 1000),
    default: (host) => String(warmSandboxes(host)),
    defaultText: "as many as `BERTH_WARM_SANDBOXES` has unless it is set",
    about:
      "The same of sandboxes with a network: each serves any network profile, which is granted to it when its job comes. None stands before the first job that has a network",
  }),
  cgroup: key({
    env: "BERTH_CGROUP",
    yaml: "cgroup",
    parser: groupName,
    default: "berth",
    about: "Control group below which the server makes its own; two servers on one host need two names",
  }),
};

function warmSandboxes({ cores, memoryBytes }: Host): number {
  return Math.min(2 * cores, 32, Math.floor(memoryBytes / (256 * MiB)));
}
