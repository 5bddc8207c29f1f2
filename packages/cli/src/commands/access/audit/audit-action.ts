import type { AuditFilter } from "@berth/sdk";
import type { Cli } from "../../../core/cli.ts";
import { type FlagValues, jsonFlag } from "../../../core/define-command.ts";

export const auditFlags = {
  account: { type: "string", about: "Who did it", value: "NAME" },
  verb: { type: "string", about: "What was done: create, end, login", value: "VERB" },
  resource: { type: "string", about: "To what: jobs, bindings, users", value: "NOUN" },
  name: { type: "string", about: "Its id or name", value: "NAME" },
  outcome: { type: "string", about: "What came of it", value: "WORD", choices: ["done", "denied", "failed"] },
  address: { type: "string", about: "From which address", value: "IP" },
  request: { type: "string", about: "By which request", value: "ID" },
  since: { type: "string", about: "From this moment on: 2026-01-31T10:00:00Z", value: "TIME" },
  until: { type: "string", about: "Before this moment", value: "TIME" },
  before: { type: "string", about: "cut: what is older than this moment", value: "TIME" },
  limit: { type: "string", about: "list: at most so many (default 50)", value: "N" },
  ...jsonFlag,
} as const;

export interface AuditAction {
  flags: FlagValues<typeof auditFlags>;
  cli: Cli;
}

export function filterOf({ flags }: AuditAction): AuditFilter {
  const { account, verb, resource, name, outcome, address, request, since, until } = flags;
  return {
    account,
    verb,
    resource,
    name,
    outcome: outcome as AuditFilter["outcome"],
    address,
    requestId: request,
    since,
    until,
  };
}
