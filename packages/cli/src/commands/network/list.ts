import { exitCodes } from "../../core/exit-codes.ts";
import type { NetworkAction } from "./network-action.ts";
import { opensOf } from "./spec-lines.ts";

export async function listNetworks({ flags, cli }: NetworkAction): Promise<number> {
  const berth = await cli.connectAsUser();
  const networks = await berth.networks.list();
  if (flags.json) await cli.out.json(networks);
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const columns = [
      { title: "NAME" },
      { title: "FROM" },
      { title: "ALLOWED" },
      { title: "OPENS", flexible: true, wrap: true },
    ];
    const rows = networks.map(({ name, source, allowed, spec }) => [
      name,
      source,
      allowed ? "yes" : "no",
      opensOf(spec),
    ]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}
