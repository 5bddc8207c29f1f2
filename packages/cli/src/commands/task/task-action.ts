import type { FlagValues, Flags } from "../../core/define-command.ts";
import { type DefinitionAction, definitionFlags } from "./definition-action.ts";

export const taskFlags = {
  ...definitionFlags,
  runner: { type: "string", about: "The runner that it belongs to", value: "NAME", field: "runner" },
  command: { type: "string", about: "What the shell runs", value: "TEXT", field: "command" },
  schema: {
    type: "string",
    about: "JSON Schema of its input, a file",
    value: "FILE",
    path: true,
    field: "input",
  },
  synchronous: { type: "boolean", about: "Answer a run with the finished job", field: "synchronous" },
  "result-file": {
    type: "string",
    about: "JSON file that is the result",
    value: "PATH",
    field: "resultFile",
  },
  callback: {
    type: "list",
    about: "Who is told when a run has ended (repeat it)",
    value: "URL",
    field: "callbacks",
  },
  "callback-secret": {
    type: "string",
    about: "The secret that signs what they are told",
    value: "NAME",
    field: "callbacks",
  },
  retry: {
    type: "string",
    about: "Run it again so often where the host fails, 1 to 10",
    value: "COUNT",
    field: "retry.most",
  },
  input: { type: "string", about: "run: the input, a file; - reads yours", value: "FILE", path: true },
  set: { type: "list", about: "run: a field of the input, as a.b=1 (repeat it)", value: "FIELD=VALUE" },
  "no-ask": { type: "boolean", about: "run: ask for nothing, also at a terminal" },
  detach: { type: "boolean", about: "run: print the job's id, do not wait" },
} as const satisfies Flags;

export type TaskAction = DefinitionAction<FlagValues<typeof taskFlags>>;
