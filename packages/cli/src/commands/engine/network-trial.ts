import type { Berth, JobHandle, ServerReport } from "@berth/sdk";
import { BerthError } from "@berth/protocol/errors";
import type { Cli } from "../../core/cli.ts";
import { renderTable } from "../../core/text/table.ts";
import { UsageError } from "../../core/usage-error.ts";
import { type Judged, judgeTrials, nameOf, type Trial } from "./judge-trials.ts";
import { neighbourScript, reachScript } from "./reach-script.ts";

const PORT = 80;
const NEIGHBOUR_PORT = 4711;
/** A hundred refusals of one job are noted at once, those beside them only counted. Even: a datagram is judged beside its TCP. */
const MOST_OF_ONE = 80;
/** How long a job waits for answers. */
const SECONDS = 5;
const NEIGHBOUR_SECONDS = 60;

/** Tries from real jobs what no job may reach, and, where the user names them, what it may. */
export async function tryNetwork(
  berth: Berth,
  { trials: closed }: ServerReport["network"],
  targets: readonly string[],
): Promise<Judged[]> {
  const labels = { purpose: "doctor-network" };
  const network = "internet";
  const neighbour = await berth.jobs.submit({
    command: "perl",
    args: ["-e", neighbourScript, String(NEIGHBOUR_PORT), String(NEIGHBOUR_SECONDS)],
    network,
    labels,
  });
  try {
    const address = await firstLine(neighbour);
    const trials = [
      ...closed.flatMap((one) =>
        (["tcp", "udp"] as const).map(
          (protocol): Trial => ({ ...one, protocol, port: PORT, expected: "refused" }),
        ),
      ),
      { protocol: "tcp", address, port: NEIGHBOUR_PORT, why: "another job", expected: "refused" } as const,
      ...targets.map(targetOf),
    ];
    const judged: Judged[] = [];
    for (let at = 0; at < trials.length; at += MOST_OF_ONE) {
      const some = trials.slice(at, at + MOST_OF_ONE);
      const args = ["-e", reachScript, String(SECONDS), ...some.map(nameOf)];
      const visitor = await berth.jobs.submit({ command: "perl", args, network, observe: true, labels });
      judged.push(...judgeTrials(some, await seenBy(visitor)));
    }
    return judged;
  } finally {
    await neighbour.stop({ grace: "0s" });
  }
}

export async function showTrials(judged: readonly Judged[], { out, paintOut }: Cli): Promise<void> {
  const columns = [
    { title: "STATUS" },
    { title: "TRIED" },
    { title: "WHICH IS", flexible: true, wrap: true },
    { title: "EXPECTED" },
    { title: "SEEN" },
  ];
  const rows = judged.map(({ passes, why, expected, seen, ...trial }) => [
    passes ? "ok" : "missing",
    nameOf(trial).replaceAll(",", " "),
    why,
    expected,
    seen,
  ]);
  const paint = (text: string, row: number, column: number): string =>
    column === 0 ? paintOut(judged[row]?.passes === true ? "green" : "red", text) : text;
  await out.line(`\n${paintOut("bold", "What a job with the network `internet` can reach")}`);
  await out.line(renderTable(columns, rows, { columns: out.columns, paint }));
}

/** `93.184.216.34:443`, `[2606:4700::1111]:443`: addresses, as the trial is of these and not of names. */
function targetOf(text: string): Trial {
  const [, bracketed, plain, port] = /^(?:\[([\da-f:.]+)\]|([\d.]+)):(\d{1,5})$/i.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined)
    throw new UsageError(`Cannot try "${text}": it is no address with a port`, "Write it like 1.1.1.1:443");
  return {
    protocol: "tcp",
    address,
    port: Number(port),
    why: "a target that you named",
    expected: "reached",
  };
}

/** What the job says that it saw, and what was noted of it. */
async function seenBy(visitor: JobHandle): Promise<Parameters<typeof judgeTrials>[1]> {
  const found = new Map<string, string>();
  for (const line of (await textOf(visitor)).split("\n")) {
    const [name, said] = line.split(" ");
    if (name !== undefined && said !== undefined) found.set(name, said);
  }
  await visitor.done();
  return { found, contacts: await visitor.contacts() };
}

async function textOf(job: JobHandle): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of job.raw({ stream: "stdout" })) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** What it says before anything else; the job goes on. */
async function firstLine(job: JobHandle): Promise<string> {
  let text = "";
  for await (const part of job.raw({ stream: "stdout" })) {
    text += Buffer.from(part).toString();
    if (text.includes("\n")) return text.split("\n")[0] ?? "";
  }
  const { cause } = await job.done({ mayFail: true });
  throw new BerthError(
    "ENGINE_UNABLE",
    `Cannot try the network: the job that is to be tried has ended: ${cause?.message ?? ""}`,
    {
      fix: "Put perl on the engine's host",
    },
  );
}
