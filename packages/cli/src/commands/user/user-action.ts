import type { Cli } from "../../core/cli.ts";
import { type FlagValues, jsonFlag } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";

export const userFlags = {
  display: {
    type: "string",
    about: "create, update: the name as people write it",
    value: "TEXT",
    field: "display",
  },
  role: {
    type: "list",
    about: "create: a role to give it (default developer)",
    value: "ROLE",
    field: "roles",
  },
  "no-password": { type: "boolean", about: "create, password: none here" },
  "password-file": {
    type: "string",
    about: "create, password: take it from this file; - is stdin",
    value: "FILE",
    path: true,
    field: "password",
  },
  provider: {
    type: "string",
    about: "link, unlink: where it is known besides",
    value: "NAME",
    field: "provider",
  },
  subject: {
    type: "string",
    about: "link, unlink: as what it is known there",
    value: "TEXT",
    field: "subject",
  },
  ...jsonFlag,
} as const;

export interface UserAction {
  /** The word after the action: a name. */
  word: string | undefined;
  flags: FlagValues<typeof userFlags>;
  cli: Cli;
}

/** Throws UsageError where no user was named. */
export function named({ word }: UserAction, action: string): string {
  if (word !== undefined) return word;
  throw new UsageError(`Cannot ${action} a user: there is no name`, `\`berth user ${action} NAME\``);
}
