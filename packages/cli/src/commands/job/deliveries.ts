import type { Delivery } from "@berth/sdk";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import type { Output } from "../../core/output.ts";
import { UsageError } from "../../core/usage-error.ts";
import { idFlag, oneId } from "./job-id.ts";
import { idOf } from "./job-reference.ts";

export const jobDeliveries = defineCommand({
  arguments: [{ name: "ID", about: "Job: its id, the beginning of it, or its name", optional: true }],
  flags: {
    ...idFlag,
    resend: { type: "string", about: "Send this one again, now", value: "DELIVERY", field: "attempts" },
    ...jsonFlag,
  },
  details: [
    "What was sent to the callbacks of a task when its run had ended, and what came",
    "of each attempt. What fails is tried again for about 31 hours; --resend begins",
    "anew. Receivers know it by its id, which stays the same.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth deliveries ID", about: "for people" },
    { line: "berth deliveries ID --resend DELIVERY", about: "its receiver is there again" },
    { line: "berth deliveries ID --json | jq '.[] | select(.state == \"failed\")'", about: "for scripts" },
  ],
  async run({ args, flags }, cli) {
    const reference = oneId(args, flags.id);
    const berth = await cli.connectAsUser();
    const job = berth.jobs.handle(await idOf(reference, berth.jobs));
    const all = await job.deliveries();
    const { resend } = flags;
    const shown = resend === undefined ? all : [await job.resend(named(all, resend))];
    if (flags.json) await cli.out.json(shown);
    else if (shown.length === 0) await cli.err.line("berth: no deliveries");
    else await showDeliveries(shown, cli.out);
    return exitCodes.ok.code;
  },
});

/** By its id, or the end of it: ids that were made together begin the same. */
function named(all: readonly Delivery[], text: string): Delivery {
  const [found, ...more] = text === "" ? [] : all.filter(({ id }) => id.endsWith(text));
  if (found !== undefined && more.length === 0) return found;
  const why = found === undefined ? "it is none of this job" : "several end so";
  throw new UsageError(`Cannot send "${text}" again: ${why}`, "See `berth deliveries ID`");
}

/** One line for each attempt, and for what is to come. */
async function showDeliveries(deliveries: readonly Delivery[], out: Output): Promise<void> {
  const { renderTable } = await import("../../core/text/table.ts");
  const columns = [
    { title: "DELIVERY" },
    { title: "RECEIVER", flexible: true },
    { title: "STATE" },
    { title: "ATTEMPT" },
    { title: "AT" },
    { title: "ADDRESS", drop: 2 },
    { title: "MS", drop: 1 },
    { title: "CAME OF IT", flexible: true, wrap: true },
  ];
  await out.line(renderTable(columns, deliveries.flatMap(rowsOf), { columns: out.columns }));
}

function rowsOf({ id, receiver, state, nextAt, attempts }: Delivery): string[][] {
  const head = [id, receiver, state];
  const tried = attempts.map(({ n, at, address, ms, status, why }) => {
    const came = why ?? (status === null ? "under way" : `status ${status}`);
    return [String(n), at, address ?? "", ms === null ? "" : String(ms), came];
  });
  const next = nextAt === null ? [] : [["", nextAt, "", "", "next attempt"]];
  return [...tried, ...next].map((row, at) => [...(at === 0 ? head : ["", "", ""]), ...row]);
}
