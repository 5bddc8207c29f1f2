import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { closed4, closed6 } from "../../src/core/network/closed.ts";
import { grantOf, internetRules } from "../../src/core/network/profile.ts";
import { bytesOfAddress } from "../../src/engines/local/networks/place-network.ts";
import { patiently } from "../support/patience.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { DrivenEngine } from "./driven-engine.ts";
import { PlayNetwork, whyNoPlay } from "./play-network.ts";

/** BERTH_TEST_NETWORK_STARTS: how many jobs try it, 12 unless it says otherwise; 200 were tried by hand. */
const STARTS = Number(process.env["BERTH_TEST_NETWORK_STARTS"] ?? 12);
const AT_ONCE = 4;
const PORT = 80;
const native = join(import.meta.dirname, "../../native/src");
const compiler = ["/usr/bin/tcc", "/usr/bin/gcc"].find((path) => existsSync(path));

const missing = whyNoPlay() ?? (compiler === undefined ? "there is no C compiler" : null);
if (missing !== null)
  console.log(`SKIPPED: a job that connects with its first instruction, because ${missing}`);

const publics = ["11.0.0.1", "2a00:2::1"];
const closed = [...closed4, ...closed6].map(({ sample }) => sample);
/** What no host can have, or a job has itself. */
const nobodys = new Set(["0.1.2.3", "127.1.2.3", "224.0.0.1"]);
const world = [...publics, ...closed.filter((address) => !nobodys.has(address))];
const play = missing === null ? await PlayNetwork.open({ world, ports: [PORT], profiles: [] }) : null;
afterAll(() => play?.[Symbol.asyncDispose](), patiently(60_000));

/** As connect(2) takes it. */
function socketAddress(address: string): Buffer {
  const isV4 = !address.includes(":");
  const bytes = Buffer.alloc(isV4 ? 16 : 28);
  bytes.writeUInt16LE(isV4 ? 2 : 10, 0);
  bytes.writeUInt16BE(PORT, 2);
  bytesOfAddress(address).copy(bytes, isV4 ? 4 : 8);
  return bytes;
}

/** A program without a C library, which so does nothing before it connects. */
function compiled(folder: string, targets: readonly string[]): Buffer {
  const rows = targets.map((target) => {
    const bytes = socketAddress(target);
    return `{${bytes.readUInt16LE(0)}, ${bytes.length}, {${[...bytes].join(", ")}}},`;
  });
  writeFileSync(join(folder, "targets.h"), rows.join("\n"));
  const freestanding = ["-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector", "-fno-builtin"];
  const flags = compiler?.endsWith("tcc") ? freestanding.slice(0, 2) : [...freestanding, "-no-pie", "-O1"];
  const sources = [join(import.meta.dirname, "first-instruction.c"), join(native, "sys.c")];
  const program = join(folder, "connect");
  execFileSync(compiler ?? "", [...flags, "-I", native, "-I", folder, "-o", program, ...sources]);
  return readFileSync(program);
}

describe.skipIf(play === null)("a job that connects with its first instruction", () => {
  it(`reaches what is public and no closed class, in each of ${STARTS} starts`, {
    timeout: patiently(60_000 + STARTS * 2000),
  }, async () => {
    await using folder = tempFolder();
    const targets = [...publics, ...closed];
    const files = [{ name: "connect", content: compiled(folder.path, targets) }];
    const into = ["/usr/bin/nsenter", play?.host.networkOption ?? ""] as const;
    await using engine = new DrivenEngine(into, { warmNetworked: 2 });
    await engine.open();
    const internet = grantOf("internet", { rules: internetRules, observe: false });
    const one = async (): Promise<string> => {
      const { launch, exit, stdout } = await engine.run(["./connect"], internet, { files });
      expect([exit.code, readFileSync(launch.output.stderr, "utf8")]).toEqual([0, ""]);
      await engine.call("destroy", launch.handle);
      return stdout.trim();
    };
    for (let done = 0; done < STARTS; done += AT_ONCE) {
      for (const found of await Promise.all(Array.from({ length: AT_ONCE }, one)))
        expect(targets.filter((_, n) => found[n] === "o")).toEqual(publics);
    }
  });
});
