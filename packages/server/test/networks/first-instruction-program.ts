import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOfAddress } from "../../src/engines/local/networks/place-network.ts";

/** As the program numbers them. `parts`: a datagram in several. `raw`: what is made by hand. The middle ones name a way of their own. */
export const ways = ["tcp", "udp", "parts", "recorded", "ping", "loose", "strict", "raw"] as const;
export type Way = (typeof ways)[number];

export interface Try {
  way: Way;
  address: string;
  /** Whether it is waited for. */
  isWaitedFor: boolean;
}

const native = join(import.meta.dirname, "../../native/src");
const compiler = ["/usr/bin/tcc", "/usr/bin/gcc"].find((path) => existsSync(path));
export const whyNoProgram = (): string | null => (compiler === undefined ? "there is no C compiler" : null);

/** As connect(2) takes it. */
function socketAddress(address: string, port: number): Buffer {
  const isV4 = !address.includes(":");
  const bytes = Buffer.alloc(isV4 ? 16 : 28);
  bytes.writeUInt16LE(isV4 ? 2 : 10, 0);
  bytes.writeUInt16BE(port, 2);
  bytesOfAddress(address).copy(bytes, isV4 ? 4 : 8);
  return bytes;
}

/** Makes `program` of `first-instruction.c`: without a C library, so that nothing is done before it tries. */
export function buildProgram(
  program: string,
  { tries, port }: { tries: readonly Try[]; port: number },
): void {
  const rows = tries.map(({ way, address, isWaitedFor }) => {
    const bytes = socketAddress(address, port);
    const words = [ways.indexOf(way), Number(isWaitedFor), bytes.readUInt16LE(0), bytes.length];
    return `{${words.join(", ")}, {${[...bytes].join(", ")}}},`;
  });
  const folder = join(program, "..");
  writeFileSync(join(folder, "targets.h"), rows.join("\n"));
  const freestanding = ["-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector", "-fno-builtin"];
  const flags = compiler?.endsWith("tcc") ? freestanding.slice(0, 2) : [...freestanding, "-no-pie", "-O1"];
  const sources = [join(import.meta.dirname, "first-instruction.c"), join(native, "sys.c")];
  execFileSync(compiler ?? "", [...flags, "-I", native, "-I", folder, "-o", program, ...sources]);
}

/** Which targets it found so, for each way. */
export function targetsFound(tries: readonly Try[], letters: string, letter: string): Record<Way, string[]> {
  const of = (way: Way): string[] =>
    tries.filter((one, n) => one.way === way && letters[n] === letter).map(({ address }) => address);
  return Object.fromEntries(ways.map((way) => [way, of(way)])) as Record<Way, string[]>;
}
