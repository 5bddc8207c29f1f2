import { isBerthError } from "@berth/protocol/errors";
import type { Berth, Check, Engine, ServerReport } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { printable } from "../../core/text/printable.ts";
import type { Judged } from "./judge-trials.ts";
import { showTrials, tryNetwork } from "./network-trial.ts";
import { renderTable } from "../../core/text/table.ts";

export const engineDoctor = defineCommand({
  arguments: [],
  flags: {
    network: { type: "boolean", about: "Try from real jobs what no job may reach" },
    target: {
      type: "list",
      about: "With --network: try also that this is reached (repeat it)",
      value: "ADDRESS:PORT",
    },
    ...jsonFlag,
  },
  details: [
    "Asks the server to look now at its engines, its database, and the trust in",
    "certificates. A warning is a limit that cannot be enforced there, or what will",
    "be missing soon; what is missing keeps jobs from running: then it ends with 1.",
    "--network runs two jobs with the network `internet` and ends with 1 where one",
    "reached what is closed: private addresses, metadata, the server, the other job.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth doctor", about: "for people" },
    { line: "berth doctor --network --target 1.1.1.1:443", about: "prove it on this host" },
    { line: "berth doctor --json | jq '.engines[0].capabilities'", about: "for scripts" },
  ],
  async run({ flags }, cli) {
    const berth = await cli.connect();
    const engines = await berth.engines.list();
    const report = await reportOf(berth);
    const judged = flags.network ? await judgedOf(berth, report, flags.target) : null;
    if (flags.json) await cli.out.json({ engines, ...report, ...(judged && { tried: judged }) });
    else {
      for (const [at, engine] of engines.entries()) await showEngine(engine, { cli, first: at === 0 });
      if (report !== null) await showReport(report, cli);
      if (judged !== null) await showTrials(judged, cli);
    }
    const checks =
      report === null
        ? []
        : [...report.database.checks, ...report.trust.checks, ...(report.logins?.checks ?? [])];
    const isWell = engines.every(canRun) && checks.every(({ status }) => status !== "missing");
    const holds = judged?.every(({ passes }) => passes) ?? true;
    return (isWell && holds ? exitCodes.ok : exitCodes.failed).code;
  },
});

/**
 * null for whom the server does not tell, as what it stands on is its administrators' business, and of a server from before
 * it could be asked.
 */
async function reportOf(berth: Berth): Promise<ServerReport | null> {
  try {
    return await berth.server.inspect();
  } catch (error) {
    if (isBerthError(error) && ["FORBIDDEN", "ROUTE_NOT_FOUND"].includes(error.code)) return null;
    throw error;
  }
}

/** Only its administrators are told the server's own addresses. */
async function judgedOf(
  berth: Berth,
  report: ServerReport | null,
  targets: readonly string[],
): Promise<Judged[]> {
  const { network } = report ?? (await berth.server.inspect());
  return tryNetwork(berth, network, targets);
}

function canRun({ checks, readiness }: Engine): boolean {
  return readiness.ready && checks.every(({ status }) => status !== "missing");
}

async function showEngine(engine: Engine, { cli, first }: { cli: Cli; first: boolean }): Promise<void> {
  const { out, paintOut } = cli;
  const { total, busy, queued } = engine.slots;
  const kind = engine.default ? ", used by default" : "";
  const title = `Engine ${printable(engine.name)}${kind}: ${busy} of ${total} slots busy, ${queued} jobs wait`;
  await out.line(`${first ? "" : "\n"}${paintOut("bold", title)}`);
  const { ready, reason } = engine.readiness;
  if (!ready)
    await out.line(paintOut("red", `It runs no jobs now: ${printable(reason ?? "nobody knows why")}`));
  await showChecks(engine.checks, cli);
}

async function showReport({ database, trust, logins }: ServerReport, cli: Cli): Promise<void> {
  const { out, paintOut } = cli;
  await out.line(`\n${paintOut("bold", `Database ${printable(database.place)}`)}`);
  await showChecks(database.checks, cli);
  if (trust.checks.length > 0) {
    await out.line(`\n${paintOut("bold", "Trust in certificates and principals")}`);
    await showChecks(trust.checks, cli);
  }
  if (logins === undefined || logins.checks.length === 0) return;
  await out.line(`\n${paintOut("bold", "Logins")}`);
  await showChecks(logins.checks, cli);
}

async function showChecks(checks: readonly Check[], { out, paintOut }: Cli): Promise<void> {
  if (checks.length === 0) return;
  const columns = [{ title: "STATUS" }, { title: "CHECK" }, { title: "DETAIL", flexible: true, wrap: true }];
  const rows = checks.map(({ status, name, detail }) => [status, name, detail]);
  const paint = (text: string, row: number, column: number): string =>
    column === 0 ? paintOut(colorOf(checks[row]), text) : text;
  await out.line(renderTable(columns, rows, { columns: out.columns, paint }));
  for (const { name, fix, status } of checks) {
    if (fix !== null && status !== "ok") await out.line(printable(`Fix ${name}: ${fix}`));
  }
}

function colorOf(check: Check | undefined): "green" | "yellow" | "red" {
  if (check?.status === "missing") return "red";
  return check?.status === "warning" ? "yellow" : "green";
}
