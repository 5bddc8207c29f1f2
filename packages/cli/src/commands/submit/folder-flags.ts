import type { Flags } from "../../core/define-command.ts";

/** Flags that give a job a whole folder. */
export const folderFlags = {
  dir: {
    type: "string",
    about: "Folder to put into /work; what the server has is not sent again",
    value: "DIR",
    path: true,
    field: "archive",
  },
  "ignore-file": {
    type: "string",
    about: "What of it stays here, as in .gitignore (default DIR/.berthignore)",
    value: "FILE",
    path: true,
  },
} as const satisfies Flags;
