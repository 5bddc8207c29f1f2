import { defineCommand } from "../../../core/define-command.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { type AuditAction, auditFlags } from "./audit-action.ts";
import { cutAudit } from "./cut.ts";
import { exportAudit } from "./export.ts";
import { listAudit } from "./list.ts";
import { verifyAudit } from "./verify.ts";

const actions: Readonly<Record<string, (action: AuditAction) => Promise<number>>> = {
  list: listAudit,
  verify: verifyAudit,
  export: exportAudit,
  cut: cutAudit,
};

export const audit = defineCommand({
  arguments: [{ name: "ACTION", about: "list, verify, export or cut", choices: Object.keys(actions) }],
  flags: auditFlags,
  details: [
    "The server records what is changed, refused, started and ended, in chains of",
    "sealed blocks. `verify` says whether all of it is there as it was stored, and",
    "ends with 1 where it is not. `export` prints lines of JSON, oldest first. `cut`",
    "forgets what is older than --before, and records that: what is left verifies.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth audit list --account ann --outcome denied", about: "what ann was refused" },
    { line: "berth audit verify", about: "whether anybody has changed a record" },
    { line: "berth audit export > audit.jsonl", about: "all of it" },
    { line: "berth audit cut --before 2026-01-01T00:00:00Z", about: "forget the year before" },
  ],
  async run({ args: [name = ""], flags }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with the audit trail`, "See `berth audit --help`");
    return act({ flags, cli });
  },
});
