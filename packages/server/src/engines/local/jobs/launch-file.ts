import { writeFileSync } from "node:fs";
import { EngineError } from "../../engine.ts";

/** What pid 1 is to execute, in its own words: native/README.md has the format. */
export interface LaunchMessage {
  /** Path inside, as it was found. */
  program: string;
  /** From argument 0 on. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  workdir: string;
  /** Bytes of the largest file; null for any size. */
  largestFile: number | null;
}

const HEADER_BYTES = 24;
const LIMIT_BYTES = 24;
const RLIMIT_FSIZE = 1;
/** Pid 1 reads no more. */
const MOST_BYTES = 16 * 2 ** 20;

export function writeLaunch(folder: string, message: LaunchMessage): void {
  writeFileSync(`${folder}/launch`, encodeLaunch(message), { mode: 0o600 });
}

export function encodeLaunch({ program, argv, env, workdir, largestFile }: LaunchMessage): Buffer {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = [workdir, program, ...argv, ...variables];
  if (words.some((word) => word.includes("\0"))) throw refused("one of them holds a NUL");
  const strings = Buffer.from(`${words.join("\0")}\0`);
  const limits = largestFile === null ? 0 : 1;
  const head = Buffer.alloc(HEADER_BYTES + LIMIT_BYTES * limits);
  const length = head.length + strings.length;
  if (length > MOST_BYTES) throw refused(`they take ${length} bytes`);
  head.write("BLN1", "latin1");
  [length, argv.length, variables.length, limits].forEach((value, n) => head.writeUInt32LE(value, 4 + 4 * n));
  if (largestFile !== null) {
    head.writeUInt32LE(RLIMIT_FSIZE, HEADER_BYTES);
    head.writeBigUInt64LE(BigInt(largestFile), HEADER_BYTES + 8);
    head.writeBigUInt64LE(BigInt(largestFile), HEADER_BYTES + 16);
  }
  return Buffer.concat([head, strings]);
}

function refused(why: string): EngineError {
  return new EngineError(`The arguments and variables cannot be handed to a program: ${why}`, {
    blame: "job",
    retryable: false,
  });
}
