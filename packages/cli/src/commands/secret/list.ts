import { exitCodes } from "../../core/exit-codes.ts";
import type { SecretAction } from "./secret-action.ts";

export async function listSecrets({ flags, cli }: SecretAction): Promise<number> {
  const berth = await cli.connectAsUser();
  const secrets = await berth.secrets.list();
  if (flags.json) await cli.out.json(secrets);
  else if (secrets.length === 0) await cli.err.line("berth: no secrets");
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const columns = [
      { title: "NAME" },
      { title: "FROM" },
      { title: "VERSION" },
      { title: "KEYS", flexible: true, wrap: true },
    ];
    const rows = secrets.map(({ name, source, version, values }) => [
      name,
      source,
      version === null ? "" : String(version),
      Object.keys(values).join(", "),
    ]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}
