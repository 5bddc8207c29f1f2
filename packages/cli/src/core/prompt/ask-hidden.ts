import type { Readable, Writable } from "node:stream";
import { UsageError } from "../usage-error.ts";

/** A terminal whose keys can be read one by one, and are then not shown. */
type Keyboard = Readable & { isTTY?: boolean; setRawMode?: (on: boolean) => unknown };

const ENTER = ["\r", "\n", "\u0004"];
const INTERRUPT = "\u0003";
const ERASE = ["\u0008", "\u007f"];

/** Whether somebody sits there who can be asked. */
export function canAsk(stdin: Readable): stdin is Keyboard & { setRawMode: (on: boolean) => unknown } {
  return (stdin as Keyboard).isTTY === true && typeof (stdin as Keyboard).setRawMode === "function";
}

/** One line from the keyboard, of which nothing is shown. Throws where it is broken off. */
export async function askHidden(
  prompt: string,
  { stdin, stderr }: { stdin: Readable; stderr: Writable },
): Promise<string> {
  if (!canAsk(stdin))
    throw new UsageError(`Cannot ask for ${prompt}: there is no terminal`, "Name a file instead");
  stderr.write(`${prompt}: `);
  stdin.setRawMode(true);
  try {
    return await readLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

function readLine(stdin: Readable): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const broken = (): void => reject(new UsageError("Cannot go on: it was broken off", "Start again"));
  let line: string[] = [];
  const hear = (chunk: Buffer | string): void => {
    for (const letter of String(chunk)) {
      if (letter === INTERRUPT) return broken();
      if (ENTER.includes(letter)) return resolve(line.join(""));
      line = ERASE.includes(letter) ? line.slice(0, -1) : [...line, letter];
    }
  };
  stdin.on("data", hear).once("end", broken);
  stdin.resume();
  return promise.finally(() => stdin.off("data", hear).off("end", broken));
}
