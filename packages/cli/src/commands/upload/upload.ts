import { defineCommand } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";
import { listUploads } from "./list.ts";
import { removeUploads } from "./rm.ts";
import { type UploadAction, uploadFlags } from "./upload-action.ts";

const actions: Readonly<Record<string, (action: UploadAction) => Promise<number>>> = {
  list: listUploads,
  rm: removeUploads,
};

export const upload = defineCommand({
  arguments: [
    { name: "ACTION", about: "list, or rm SHA256...", choices: Object.keys(actions) },
    { name: "SHA256", about: "Names of uploads, or beginnings of them", variadic: true, optional: true },
  ],
  flags: uploadFlags,
  details: [
    "What `--dir` sends stays on the server for a while, so that it need not be sent",
    "again. An upload that was cut stays too, and the next one goes on from there.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth upload list", about: "what is there, and how large it is" },
    { line: "berth upload rm 3b5d5c37", about: "by the beginning of its name" },
  ],
  async run({ args: [name = "", ...words], flags }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with uploads`, "See `berth upload --help`");
    return act({ words, flags, cli });
  },
});
