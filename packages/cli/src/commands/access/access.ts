import type { Explanation } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";

export const access = defineCommand({
  arguments: [
    { name: "ACTION", about: "explain", choices: ["explain"] },
    { name: "VERB", about: "read, list, create, update, delete, execute, stop, open or admin" },
    { name: "RESOURCE", about: "jobs, uploads, certificates, engines, server ..." },
  ],
  flags: {
    principal: { type: "string", about: "Whose right (default: yours)", value: "NAME", field: "principal" },
    owner: {
      type: "string",
      about: "To whom the object belongs (default: it is to be the principal's own)",
      value: "NAME",
      field: "owner",
    },
    name: { type: "string", about: "What rules call the object by", value: "NAME", field: "name" },
    ...jsonFlag,
  },
  details: [
    "Ends with 0 where it is allowed and with 119 where it is denied. Others than",
    "oneself are taken as if they came by certificate, admin as if by its token,",
    "and are for administrators and auditors.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth access explain read jobs --owner bob", about: "may I read bob's jobs?" },
    { line: "berth access explain admin server --principal ann", about: "may ann?" },
  ],
  async run({ args: [, verb = "", resource = ""], flags }, cli) {
    const berth = await cli.connect();
    const { json, principal, owner, name } = flags;
    // The server knows the words, which may be more than this client does.
    const question = { verb, resource, principal, owner, name } as Parameters<typeof berth.access.explain>[0];
    if (verb === "" || resource === "")
      throw new UsageError("Cannot explain: a word is empty", "See `berth access --help`");
    const answer = await berth.access.explain(question);
    if (json) await cli.out.json(answer);
    else await show(answer, cli);
    return answer.allowed ? exitCodes.ok.code : exitCodes.denied.code;
  },
});

async function show({ allowed, because, missing, setting }: Explanation, cli: Cli): Promise<void> {
  await cli.out.line(allowed ? "allowed" : `denied: ${missing ?? ""}`);
  if (setting !== undefined) await cli.out.line(`  to everybody, by ${setting} of the server`);
  for (const { role, rule, via } of because) {
    const to = rule.own === true ? "its own" : rule.names.includes("*") ? "all" : rule.names.join(", ");
    const by = via.map(({ kind, name, binding }) =>
      kind === "credential" ? "by the credential" : `to ${kind} "${name ?? ""}" by binding ${binding ?? ""}`,
    );
    await cli.out.line(`  role "${role}" on ${rule.resource} (${to}), given ${by.join(" and ")}`);
  }
}
