import { formatSize } from "@berth/protocol/units";
import type { ArtifactList } from "@berth/sdk";
import type { Cli } from "../../../core/cli.ts";
import { defineCommand, jsonFlag } from "../../../core/define-command.ts";
import { exitCodes } from "../../../core/exit-codes.ts";
import { printable } from "../../../core/text/printable.ts";
import { downloadArtifacts, forceFlag } from "./download-artifacts.ts";
import { idFlag, oneId } from "../job-id.ts";
import { idOf } from "../job-reference.ts";

export const jobArtifacts = defineCommand({
  arguments: [{ name: "ID", about: "Job: its id, the beginning of it, or its name", optional: true }],
  flags: {
    ...idFlag,
    download: { type: "string", about: "Fetch them into this folder", value: "DIR", short: "d", path: true },
    ...forceFlag,
    ...jsonFlag,
  },
  details: ["What the job left and was told to keep (--collect), and what was skipped."],
  hides: ["grpc"],
  examples: [
    { line: "berth artifacts ID", about: "what there is" },
    { line: "berth artifacts ID --download out", about: "bring it home" },
  ],
  async run({ args, flags }, cli) {
    const reference = oneId(args, flags.id);
    const berth = await cli.connectAsUser();
    const handle = berth.jobs.handle(await idOf(reference, berth.jobs));
    const list = await handle.artifacts();
    if (flags.download !== undefined) {
      await downloadArtifacts(handle, {
        folder: flags.download,
        existing: flags.force ? "replace" : "refuse",
        err: cli.err,
        quiet: flags.json,
      });
      if (flags.json) await cli.out.json(list);
    } else if (flags.json) await cli.out.json(list);
    else await show(list, cli);
    return exitCodes.ok.code;
  },
});

async function show({ items, skipped }: ArtifactList, { out, err }: Cli): Promise<void> {
  if (items.length === 0) await err.line("berth: no artifacts: name what to keep with --collect");
  else {
    const { renderTable } = await import("../../../core/text/table.ts");
    const columns = [{ title: "PATH", flexible: true }, { title: "SIZE" }, { title: "MODIFIED", drop: 1 }];
    const rows = items.map(({ path, size, modifiedAt }) => [path, formatSize(size), modifiedAt]);
    await out.line(renderTable(columns, rows, { columns: out.columns }));
  }
  for (const { path, reason } of skipped) {
    await err.line(`berth: not kept: ${printable(path)}: ${printable(reason)}`);
  }
}
