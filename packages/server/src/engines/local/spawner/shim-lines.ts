import type { LaunchOutput } from "../../engine.ts";

/** Lines that the shim of a place reads from its FIFO `go`; native/README.md tells what it makes of them. */
export const WARM_LINE = "warm\n";
export const TERM_LINE = "term\n";

/** Which job the place is for, and where its output goes. */
export function jobLine(id: string, { stdout, stderr, index, limitBytes, overflow }: LaunchOutput): string {
  return `${["job", id, stdout, stderr, index, limitBytes ?? "-", overflow].join("\t")}\n`;
}

/** The layers of what the job finds as /work, as absolute paths. */
export function overlayLine({ lower, upper, work }: { lower: string; upper: string; work: string }): string {
  return `overlay\t${lower}\t${upper}\t${work}\n`;
}

/** How long the message of its secrets is, which is to be had at the socket `secrets` in the folder of the job. */
export function secretsLine(bytes: number): string {
  return `secrets\t${bytes}\n`;
}

/** Which port of the job is to be reached, and at which socket that is awaited: `connect-NUMBER` in the folder of the job. */
export function connectLine(number: number, port: number): string {
  return `connect\t${number}\t${port}\n`;
}
