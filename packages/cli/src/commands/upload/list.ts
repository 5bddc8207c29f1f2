import { formatSize } from "@berth/protocol/units";
import { exitCodes } from "../../core/exit-codes.ts";
import { allUploads, type UploadAction } from "./upload-action.ts";

export async function listUploads({ flags, cli }: UploadAction): Promise<number> {
  const berth = await cli.connectAsUser();
  const uploads = await allUploads(berth);
  if (flags.json) await cli.out.json(uploads);
  else if (uploads.length === 0) await cli.err.line("berth: no uploads");
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const columns = [
      { title: "SHA256" },
      { title: "SIZE" },
      { title: "STATE" },
      { title: "USED" },
      { title: "OWNER" },
    ];
    const rows = uploads.map(({ sha256, offset, length, state, usedAt, owner }) => [
      // On a terminal as much of it as tells one from another.
      cli.out.isTerminal ? sha256.slice(0, SHOWN_DIGITS) : sha256,
      length === null || length === offset
        ? formatSize(offset)
        : `${formatSize(offset)} of ${formatSize(length)}`,
      state,
      usedAt,
      owner,
    ]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}

const SHOWN_DIGITS = 16;
