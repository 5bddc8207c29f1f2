import type { Network } from "@berth/sdk";
import { printable } from "../../core/text/printable.ts";
import type { NetworkAction } from "./network-action.ts";
import { specLines } from "./spec-lines.ts";

/** Where the values stand, below which long ones go on. */
const INDENT = 14;

export async function showNetwork(
  network: Network,
  { flags, cli }: Pick<NetworkAction, "flags" | "cli">,
): Promise<void> {
  if (flags.json) return cli.out.json(network);
  const { name, source, allowed, digest, updatedAt, spec } = network;
  const rows: [string, string | null][] = [
    ["name", name],
    ["from", source],
    ["allowed", allowed ? "yes" : "no"],
    ["digest", digest],
    ["updated", updatedAt],
    ...specLines(spec),
  ];
  const { wrap } = await import("../../core/text/wrap.ts");
  const lines = rows.flatMap(([title, text]) =>
    text === null ? [] : [`${cli.paintOut("dim", title.padEnd(INDENT - 1))} ${printable(text)}`],
  );
  const { columns } = cli.out;
  await cli.out.line(lines.map((line) => wrap(line, { columns, indent: INDENT })).join("\n"));
}
