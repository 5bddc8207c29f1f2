import { formatSize } from "@berth/protocol/units";
import type { Contact } from "@berth/sdk";
import { idFlag, oneId } from "./job-id.ts";
import { idOf } from "./job-reference.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import type { Output } from "../../core/output.ts";

export const jobContacts = defineCommand({
  arguments: [{ name: "ID", about: "Job: its id, the beginning of it, or its name", optional: true }],
  flags: { ...idFlag, ...jsonFlag },
  details: [
    "What a job was refused, and, where it ran with --observe or its profile says so,",
    "what it looked up and reached. Known when it has ended.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth contacts ID", about: "for people" },
    { line: "berth contacts ID --json | jq '.[] | select(.outcome == \"refused\")'", about: "for scripts" },
  ],
  async run({ args, flags }, cli) {
    const reference = oneId(args, flags.id);
    const berth = await cli.connectAsUser();
    const contacts = await berth.jobs.handle(await idOf(reference, berth.jobs)).contacts();
    if (flags.json) await cli.out.json(contacts);
    else if (contacts.length === 0) await cli.err.line("berth: no contacts");
    else await showContacts(contacts, cli.out);
    return exitCodes.ok.code;
  },
});

/** One line for each. */
export async function showContacts(contacts: readonly Contact[], out: Output): Promise<void> {
  const { renderTable } = await import("../../core/text/table.ts");
  const columns = [
    { title: "OUTCOME" },
    { title: "DESTINATION", flexible: true },
    { title: "NAME", flexible: true },
    { title: "SENT" },
    { title: "RECEIVED" },
    { title: "FIRST", drop: 1 },
  ];
  const rows = contacts.map(({ name, bytesOut, bytesIn, firstAt, outcome, ...at }) => [
    outcome,
    destinationOf(at),
    name ?? "",
    bytesOut === null ? "" : formatSize(bytesOut),
    bytesIn === null ? "" : formatSize(bytesIn),
    firstAt,
  ]);
  await out.line(renderTable(columns, rows, { columns: out.columns }));
}

/** A name that was looked up in vain leads nowhere, or to what is closed. */
function destinationOf({ address, port, protocol }: Pick<Contact, "address" | "port" | "protocol">): string {
  if (port === null || protocol === null) return address === null ? "(look-up)" : `(look-up: ${address})`;
  const host = address?.includes(":") === true ? `[${address}]` : address;
  return `${host}:${port}/${protocol}`;
}
