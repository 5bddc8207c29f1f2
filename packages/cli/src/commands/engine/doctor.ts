import type { Check, Engine } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { printable } from "../../core/printable.ts";
import { renderTable } from "../../core/text/table.ts";

export const engineDoctor = defineCommand({
  arguments: [],
  flags: { ...jsonFlag },
  details: [
    "Asks the server to look at its engines now. A warning is a limit that cannot be",
    "enforced there; what is missing keeps jobs from running: then it ends with 1.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth doctor", about: "for people" },
    { line: "berth doctor --json | jq '.[0].capabilities'", about: "for scripts" },
  ],
  async run({ flags }, cli) {
    const berth = await cli.connect();
    const engines = await berth.engines.list();
    if (flags.json) await cli.out.json(engines);
    else for (const [at, engine] of engines.entries()) await show(engine, { cli, first: at === 0 });
    return (engines.every(canRun) ? exitCodes.ok : exitCodes.failed).code;
  },
});

function canRun({ checks, readiness }: Engine): boolean {
  return readiness.ready && checks.every(({ status }) => status !== "missing");
}

async function show(engine: Engine, { cli, first }: { cli: Cli; first: boolean }): Promise<void> {
  const { out, paintOut } = cli;
  const { total, busy, queued } = engine.slots;
  const kind = engine.default ? ", used by default" : "";
  const title = `Engine ${printable(engine.name)}${kind}: ${busy} of ${total} slots busy, ${queued} jobs wait`;
  await out.line(`${first ? "" : "\n"}${paintOut("bold", title)}`);
  const { ready, reason } = engine.readiness;
  if (!ready)
    await out.line(paintOut("red", `It runs no jobs now: ${printable(reason ?? "nobody knows why")}`));
  if (engine.checks.length === 0) return;
  const columns = [{ title: "STATUS" }, { title: "CHECK" }, { title: "DETAIL", flexible: true, wrap: true }];
  const rows = engine.checks.map(({ status, name, detail }) => [status, name, detail]);
  const paint = (text: string, row: number, column: number): string =>
    column === 0 ? paintOut(colorOf(engine.checks[row]), text) : text;
  await out.line(renderTable(columns, rows, { columns: out.columns, paint }));
  for (const { name, fix, status } of engine.checks) {
    if (fix !== null && status !== "ok") await out.line(printable(`Fix ${name}: ${fix}`));
  }
}

function colorOf(check: Check | undefined): "green" | "yellow" | "red" {
  if (check?.status === "missing") return "red";
  return check?.status === "warning" ? "yellow" : "green";
}
