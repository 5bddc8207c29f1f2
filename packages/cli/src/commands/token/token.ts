import { defineCommand } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";
import { createToken } from "./create.ts";
import { getToken } from "./get.ts";
import { listTokens } from "./list.ts";
import { revokeToken } from "./revoke.ts";
import { type TokenAction, tokenFlags } from "./token-action.ts";

const actions: Readonly<Record<string, (action: TokenAction) => Promise<number>>> = {
  create: createToken,
  get: getToken,
  list: listTokens,
  revoke: revokeToken,
};

export const token = defineCommand({
  arguments: [
    { name: "ACTION", about: "create NAME, list [NAME], get ID, revoke ID", choices: Object.keys(actions) },
    { name: "WORD", about: "A principal's name, or a token's id", optional: true },
  ],
  flags: tokenFlags,
  details: [
    "A token lets its holder in over REST under the name that it was made for, with",
    "the rights of that name, or, with --scope, those of them that the rules name, as",
    "`berth role create --allow` takes them: never more than the name has at the",
    "moment. It is printed once, to stdout, and kept by nobody: `berth login",
    "--token-file` takes it. Making one for another name, and revoking another's,",
    "is for administrators. Revoking ends what is open by it too.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth token create ann --ttl 7d --label laptop > token", about: "for ann, for a week" },
    {
      line: "berth token create ann --scope 'read,list jobs *'",
      about: "which sees ann's jobs, and does nothing",
    },
    { line: "berth token list ann", about: "which ones ann has, and when they were used" },
  ],
  async run({ args: [name = "", word], flags }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with tokens`, "See `berth token --help`");
    return act({ word, flags, cli });
  },
});
