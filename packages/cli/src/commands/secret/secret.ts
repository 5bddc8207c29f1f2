import { defineCommand } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";
import { createSecret } from "./create.ts";
import { deleteSecret } from "./delete.ts";
import { getSecret } from "./get.ts";
import { listSecrets } from "./list.ts";
import { rotateKey } from "./rotate-key.ts";
import { type SecretAction, secretFlags } from "./secret-action.ts";
import { updateSecret } from "./update.ts";

const actions: Readonly<Record<string, (action: SecretAction) => Promise<number>>> = {
  list: listSecrets,
  get: getSecret,
  create: createSecret,
  update: updateSecret,
  delete: deleteSecret,
  "rotate-key": rotateKey,
};

export const secret = defineCommand({
  arguments: [
    {
      name: "ACTION",
      about: "list, get NAME, create NAME, update NAME, delete NAME, rotate-key",
      choices: Object.keys(actions),
    },
    { name: "NAME", about: "The secret", variadic: true, optional: true },
  ],
  flags: secretFlags,
  details: [
    "A secret is a name with keys, whose values the server takes and never shows.",
    "Values come from the keyboard, from stdin or from files, never from a command",
    "line. `update` leaves what no flag names. `rotate-key` seals all secrets by a",
    "new master key. All but `list` and `get` takes an administrator.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth secret create database --key password", about: "asked for" },
    { line: "berth secret create deploy --file id_ed25519:key", about: "from a file" },
    { line: "pass show db | berth secret update database --key password", about: "from stdin" },
  ],
  async run({ args: [name = "", ...words], flags }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with secrets`, "See `berth secret --help`");
    return act({ words, flags, cli });
  },
});
