import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Cli } from "../cli.ts";
import { systemReason } from "../text/system-error.ts";
import { UsageError } from "../usage-error.ts";

/** What a file holds that a flag names; `-` is stdin. */
export async function readSecret(
  file: string,
  { flag, cli: { surroundings } }: { flag: string; cli: Cli },
): Promise<string> {
  if (file === "-") return text(surroundings.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `Cannot read ${flag} "${file}": ${systemReason(error)?.why ?? "it cannot be read"}`,
      "Name a file that holds it alone",
    );
  }
}

/** A password may begin and end with a space; an editor's line break is none of it. */
export function oneLine(secret: string): string {
  return secret.replace(/\r?\n$/, "");
}

/** Asks at the terminal, which does not show what is typed. Throws UsageError where there is none. */
export async function askPassword(question: string, { surroundings: { stdin }, err }: Cli): Promise<string> {
  const terminal = stdin as Partial<NodeJS.ReadStream> & typeof stdin;
  if (terminal.isTTY !== true || terminal.setRawMode === undefined) {
    throw new UsageError(
      "Cannot ask for the password: stdin is no terminal",
      "Name a file that holds it: --password-file FILE, or - for stdin",
    );
  }
  await err.write(question);
  terminal.setRawMode(true);
  try {
    return await typed(terminal);
  } finally {
    terminal.setRawMode(false);
    terminal.pause();
    await err.line("");
  }
}

/** Until the line ends. In this mode the terminal does nothing by itself: not even what interrupts. */
function typed(terminal: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = "";
    const decoder = new TextDecoder();
    const onData = (bytes: Buffer): void => {
      for (const char of decoder.decode(bytes, { stream: true })) {
        if (char === "\r" || char === "\n" || char === "\u0004") return end(() => resolve(line));
        if (char === "\u0003")
          return end(() => reject(new UsageError("Cannot log in: interrupted", "Try again")));
        if (char === "\u007f" || char === "\b") line = Array.from(line).slice(0, -1).join("");
        else if (char === "\u0015") line = "";
        else line += char;
      }
    };
    const onEnd = (): void => end(() => resolve(line));
    const end = (settle: () => void): void => {
      terminal.off("data", onData);
      terminal.off("end", onEnd);
      settle();
    };
    terminal.on("data", onData);
    terminal.on("end", onEnd);
  });
}
