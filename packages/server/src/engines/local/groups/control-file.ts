import { readFileSync, writeFileSync } from "node:fs";

/** For want of these a look says nothing: taken for "not there", a running tree would pass for one that is gone. */
const scarce: readonly unknown[] = ["EMFILE", "ENFILE", "ENOMEM"];

/** Reads a file of a control group; null when the group or the file is not there. Throws when nobody could look. */
export function readControl(group: string, file: string): string | null {
  try {
    return readFileSync(`${group}/${file}`, "utf8").trim();
  } catch (error) {
    if (scarce.includes((error as NodeJS.ErrnoException).code)) throw error;
    return null;
  }
}

/** `name value` lines as numbers: `cpu.stat`, `memory.events`, ... Empty when the file is not there. */
export function readCounters(group: string, file: string): ReadonlyMap<string, number> {
  const lines = (readControl(group, file) ?? "").split("\n");
  return new Map(
    lines.map((line): [string, number] => {
      const [name = "", value = ""] = line.split(" ");
      return [name, Number(value)];
    }),
  );
}

export function readNumber(group: string, file: string): number | null {
  const text = readControl(group, file);
  return text === null || !/^\d+$/.test(text) ? null : Number(text);
}

/** Writes without creating: a missing file means a controller that is not there. */
export function writeControl(group: string, entry: { file: string; value: string }): void {
  writeFileSync(`${group}/${entry.file}`, entry.value, { flag: "r+" });
}

/** Writes and reads back. `is` tells whether what the kernel shows means what was written. */
export function enforce(
  group: string,
  entry: { file: string; value: string; is?: (text: string) => boolean },
): void {
  writeControl(group, entry);
  const shown = readControl(group, entry.file) ?? "nothing";
  const holds = entry.is?.(shown) ?? shown === entry.value;
  if (!holds)
    throw new Error(`Cannot set ${entry.file} to ${entry.value}: the kernel shows ${shown.slice(0, 200)}`);
}
