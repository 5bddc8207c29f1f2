import { exitCodes } from "../../core/exit-codes.ts";
import type { CertificateAction } from "./certificate-action.ts";

/** Who is locked out, and since when. */
export async function listLocks({ flags, cli }: CertificateAction): Promise<number> {
  const berth = await cli.connect();
  const { items } = await berth.certificates.locks();
  if (flags.json) await cli.out.json(items);
  else if (items.length === 0) await cli.err.line("berth: nobody is locked");
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const columns = [{ title: "NAME", flexible: true }, { title: "SINCE" }];
    const rows = items.map(({ name, lockedAt }) => [name, lockedAt]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}
