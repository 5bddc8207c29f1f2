import { defineCommand } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";
import { createNetwork } from "./create.ts";
import { deleteNetworks } from "./delete.ts";
import { getNetwork } from "./get.ts";
import { listNetworks } from "./list.ts";
import { type NetworkAction, networkFlags } from "./network-action.ts";
import { proposeNetwork } from "./propose.ts";
import { tryNetwork } from "./try.ts";
import { updateNetwork } from "./update.ts";

const actions: Readonly<Record<string, (action: NetworkAction) => Promise<number>>> = {
  list: listNetworks,
  get: getNetwork,
  create: createNetwork,
  update: updateNetwork,
  delete: deleteNetworks,
  propose: proposeNetwork,
  try: tryNetwork,
};

export const network = defineCommand({
  arguments: [
    {
      name: "ACTION",
      about: "list, get NAME, create NAME, update NAME, delete NAME..., propose JOB..., try NAME -- CMD",
      choices: Object.keys(actions),
    },
    { name: "WORD", about: "Names of profiles, or jobs, or a command", variadic: true, optional: true },
  ],
  flags: networkFlags,
  details: [
    "What a job may reach is what its profile names: `berth run --network NAME`. All",
    "but `list` and `get` takes an administrator. `update` leaves what no flag names,",
    "and holds for jobs submitted after it. `propose` prints the smallest profile",
    "that would have let these jobs do what they did and tried, as --spec takes it:",
    "run them with --observe. `try` runs a command under a profile and lists what it",
    "met.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth network create pypi --domain pypi.org --domain '*.pythonhosted.org'", about: "names" },
    { line: "berth network create db --address 10.1.2.3:5432/tcp", about: "an address" },
    { line: "berth network propose ID --create ours", about: "from what a job did" },
    { line: "berth network try ours -- ./build.sh", about: "what would it stop?" },
  ],
  async run({ args: [name = "", ...words], flags }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with networks`, "See `berth network --help`");
    return act({ words, flags, cli });
  },
});
