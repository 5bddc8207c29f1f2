import { printable } from "../../../lib/text/printable.ts";
import { type Look, parseLook } from "../host/sandbox-look.ts";
import { readNote } from "./read-note.ts";

const LOOK_BYTES = 8192;
const LOG_BYTES = 4096;

/** What the kernel shows of the sandbox that stands in this place; null where nobody could look. */
export function lookAt(folder: string): Look | null {
  return parseLook(readNote(`${folder}/seen`, { most: LOOK_BYTES, from: "start" })?.toString() ?? "");
}

/** Why none stands there: what the runtime complained of last. */
export function whyNone(folder: string): string {
  const log = readNote(`${folder}/runtime.log`, { most: LOG_BYTES, from: "end" })?.toString().trim() ?? "";
  const said = printable(log.split("\n").at(-1) ?? "", { most: 500 });
  return `the runtime could not make its sandbox: ${said || "it ended and said nothing"}`;
}
