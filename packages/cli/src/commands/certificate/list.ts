import { exitCodes } from "../../core/exit-codes.ts";
import type { CertificateAction } from "./certificate-action.ts";

const mostShown = 200;

export async function listCertificates({ word, flags, cli }: CertificateAction): Promise<number> {
  const berth = await cli.connect();
  const { items, next } = await berth.certificates.list({ name: word, limit: mostShown });
  if (flags.json) await cli.out.json(items);
  else if (items.length === 0) await cli.err.line("berth: no certificates");
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const now = Date.now();
    const columns = [
      { title: "SERIAL" },
      { title: "NAME", flexible: true },
      { title: "UNTIL" },
      { title: "STATE" },
    ];
    const rows = items.map(({ serial, name, notAfter, revokedAt }) => [
      serial,
      name,
      notAfter,
      revokedAt === null ? (Date.parse(notAfter) <= now ? "expired" : "good") : "revoked",
    ]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  if (next !== null && !flags.json) await cli.err.line("berth: there are more: name one principal");
  return exitCodes.ok.code;
}
