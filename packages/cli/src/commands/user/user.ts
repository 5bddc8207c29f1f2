import { defineCommand } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";
import { changeTo, deleteUser, linkUser, updateUser } from "./change.ts";
import { createUser } from "./create.ts";
import { getUser } from "./get.ts";
import { listUsers } from "./list.ts";
import { setPassword } from "./password.ts";
import { type UserAction, userFlags } from "./user-action.ts";

const actions: Readonly<Record<string, (action: UserAction) => Promise<number>>> = {
  list: listUsers,
  get: getUser,
  create: createUser,
  update: updateUser,
  delete: deleteUser,
  restore: changeTo("restore"),
  lock: changeTo("lock"),
  unlock: changeTo("unlock"),
  password: setPassword,
  link: linkUser("link"),
  unlink: linkUser("unlink"),
};

export const user = defineCommand({
  arguments: [
    { name: "ACTION", about: "What to do", choices: Object.keys(actions) },
    { name: "NAME", about: "The user's name; password: oneself without one", optional: true },
  ],
  flags: userFlags,
  details: [
    "A user has what was given to it or to its groups, however it comes: by password,",
    "token or certificate. create prints a password that holds for the first login",
    "alone. delete keeps the name from everybody else: restore brings all back. lock",
    "shuts a user out of every door at once. What is done to others takes an",
    "administrator; password without a name changes one's own.",
  ],
  hides: ["grpc"],
  examples: [
    {
      line: "berth user create ann --display 'Ann Lee' > password",
      about: "may log in, and choose a password",
    },
    { line: "berth user lock ann", about: "out, with all that is open" },
    { line: "berth user password", about: "another one for oneself" },
  ],
  async run({ args: [name = "", word], flags }, cli) {
    const act = actions[name];
    if (act === undefined) throw new UsageError(`Cannot do "${name}" with users`, "See `berth user --help`");
    return act({ word, flags, cli });
  },
});
