import { limitRows, limitUnits, type LimitTable } from "@berth/protocol/limits";
import type { Flag, Flags } from "../../core/define-command.ts";

/** A flag for each limit, by the table of limits. */
const limitFlags = Object.fromEntries(
  limitRows.map(({ flag: { name, ...flag }, unit, path }) => [
    name,
    { type: "string", value: limitUnits[unit].placeholder, field: path, ...flag },
  ]),
  // Made of the same rows as the type.
) as Record<LimitTable[keyof LimitTable]["flag"]["name"], Flag & { type: "string"; field: string }>;

/** Flags that describe a job: those of `run` and `start`. `field` is where the value goes in the job spec. */
export const jobFlags = {
  command: {
    type: "string",
    about: "Program to run; then all words are its arguments",
    value: "CMD",
    field: "command",
  },
  file: {
    type: "list",
    about: "Input file, put into /work (repeat it)",
    value: "LOCAL[:NAME]",
    short: "f",
    path: true,
    field: "files",
  },
  env: {
    type: "list",
    about: "Environment variable; K alone takes your own value (repeat it)",
    value: "K[=V]",
    short: "e",
    field: "env",
  },
  stdin: {
    type: "string",
    about: "File to feed to its stdin; - feeds yours",
    value: "FILE",
    path: true,
    field: "stdin",
  },
  workdir: { type: "string", about: "Working directory (default /work)", value: "DIR", field: "workdir" },
  name: { type: "string", about: "Name of the job", value: "NAME", field: "name" },
  label: {
    type: "list",
    about: "Label to find it by (repeat it)",
    value: "K=V",
    short: "l",
    field: "labels",
  },
  ...limitFlags,
  overflow: {
    type: "string",
    about: "Past the output limit: stop it, or discard the rest",
    value: "HOW",
    choices: ["stop", "discard"],
    field: "output.overflow",
  },
  collect: {
    type: "list",
    about: "File or folder below /work to keep; * and ** match (repeat it)",
    value: "PATH",
    field: "collect",
  },
  "result-file": {
    type: "string",
    about: "JSON file below /work that is its result",
    value: "PATH",
    field: "resultFile",
  },
  network: {
    type: "string",
    about: "Network profile: what it may reach (see `berth network list`)",
    value: "NAME",
    field: "network",
  },
  observe: {
    type: "boolean",
    about: "Record what it looks up and reaches (see `berth contacts`)",
    field: "observe",
  },
  secret: {
    type: "list",
    about: "Secret as files in /etc/secret; of some keys NAME:KEY,KEY (repeat it)",
    value: "NAME",
    field: "secrets",
  },
  "secret-env": {
    type: "list",
    about: "Key of a secret as a variable: VAR=NAME:KEY (repeat it)",
    value: "ENTRY",
    field: "secrets.env",
  },
  engine: {
    type: "string",
    about: "Engine to run it on (see `berth doctor`)",
    value: "NAME",
    field: "engine",
  },
  priority: {
    type: "string",
    about: "Among your own that wait: -100 to 100, the higher first",
    value: "N",
    field: "priority",
  },
} as const satisfies Flags;
