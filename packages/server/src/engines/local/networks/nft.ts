import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { ordinarily } from "../../../lib/turns/go-first.ts";

const PLACES = ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"];
/** A table of 256 full profiles takes a second on a slow host. */
const PATIENCE_MS = 60_000;
/** The server does not listen before it has looked whether its kernel takes a table. */
const LOOK_PATIENCE_MS = 10_000;

/** The program that loads tables of nftables; null where there is none. */
export function findNft(): string | null {
  return PLACES.find((path) => existsSync(path)) ?? null;
}

/** Has the text done, in one change: all of it or nothing. With the option `-c` it is only looked whether the kernel would. */
export async function runNft(text: string, options: readonly string[] = []): Promise<string> {
  const program = findNft();
  if (program === null) throw new Error("there is no program nft on this host");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const words = [...options, "-f", "-"];
  const timeout = options.includes("-c") ? LOOK_PATIENCE_MS : PATIENCE_MS;
  const how = { timeout, env: {}, cwd: "/", maxBuffer: 64 * 2 ** 20 };
  const child = ordinarily(() =>
    execFile(program, words, how, (error, out, errors) => {
      if (error) reject(new Error(firstLine(errors) || error.message));
      else resolve(out);
    }),
  );
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(text);
  return await promise;
}

/** What nft says first is what is wrong; below it, it shows where in the text. */
function firstLine(errors: string): string {
  return errors
    .split("\n", 1)
    .join("")
    .replace(/^\/dev\/stdin:/, "nft, line ");
}
