import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { closed4, closed6 } from "../../src/core/network/closed.ts";
import { grantOf, internetRules } from "../../src/core/network/profile.ts";
import { patiently } from "../support/patience.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { DrivenEngine } from "./driven-engine.ts";
import {
  buildProgram,
  targetsFound,
  type Try,
  type Way,
  ways,
  whyNoProgram,
} from "./first-instruction-program.ts";
import { PlayNetwork, rulesOf, whyNoPlay } from "./play-network.ts";

/** BERTH_TEST_NETWORK_STARTS: how many jobs try it, 12 unless it says otherwise; 200 were tried by hand. */
const STARTS = Number(process.env["BERTH_TEST_NETWORK_STARTS"] ?? 12);
const AT_ONCE = 4;
const PORT = 80;

const missing = whyNoPlay() ?? whyNoProgram();
if (missing !== null)
  console.log(`SKIPPED: a job that connects with its first instruction, because ${missing}`);

const publics = ["11.0.0.1", "2a00:2::1"];
const closed = [...closed4, ...closed6].map(({ sample }) => sample);
/** What no host can have, or a job has itself. */
const nobodys = new Set(["0.1.2.3", "127.1.2.3", "224.0.0.1"]);
const world = [...publics, ...closed.filter((address) => !nobodys.has(address))];
const isV4 = (address: string): boolean => !address.includes(":");

const play =
  missing === null
    ? await PlayNetwork.open({ world, ports: [PORT], profiles: [rulesOf("internet", { isPublic: true })] })
    : null;
afterAll(() => play?.[Symbol.asyncDispose](), patiently(60_000));
afterEach(() => play?.load());

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};

/** Each target in each way; those are waited for that are to be reached. */
function triesOf(targets: readonly string[], opened: Partial<Record<Way, readonly string[]>>): Try[] {
  return ways.flatMap((way) =>
    targets.map((address) => ({ way, address, isWaitedFor: opened[way]?.includes(address) ?? false })),
  );
}

const nothing = Object.fromEntries(ways.map((way) => [way, [] as string[]])) as Record<Way, string[]>;

describe.skipIf(play === null)("a job that connects with its first instruction", () => {
  it(`reaches what is public and no closed class, in each of ${STARTS} starts`, {
    timeout: patiently(60_000 + STARTS * 2000),
  }, async () => {
    await using folder = tempFolder();
    const targets = [...publics, ...closed];
    const opened = { tcp: publics, udp: publics, parts: publics };
    const tries = triesOf(targets, opened);
    const program = join(folder.path, "connect");
    buildProgram(program, { tries, port: PORT });
    const files = [{ name: "connect", content: readFileSync(program) }];
    const into = ["/usr/bin/nsenter", lab().host.networkOption] as const;
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
      for (const found of await Promise.all(Array.from({ length: AT_ONCE }, one))) {
        expect(targetsFound(tries, found, "o")).toEqual({ ...nothing, ...opened });
        // Nobody can as much as try these.
        const refused = { ping: targets, loose: targets, strict: targets, raw: targets };
        expect(targetsFound(tries, found, "r")).toEqual({
          ...nothing,
          recorded: targets.filter((address) => !isV4(address)),
          ...refused,
        });
      }
    }
  });

  const all4 = world.filter(isV4);
  it.each<{ removed: string[]; plain: string[]; recorded: string[] }>([
    { removed: [], plain: publics, recorded: [] },
    { removed: ["a recorded route"], plain: publics, recorded: publics.filter(isV4) },
    { removed: ["closed4"], plain: world.filter((one) => publics.includes(one) || isV4(one)), recorded: [] },
    { removed: ["closed6"], plain: world.filter((one) => publics.includes(one) || !isV4(one)), recorded: [] },
    { removed: ["closed4", "closed6", "a recorded route"], plain: world, recorded: all4 },
  ])(
    "is held by rules for each class and in each way it can try: without $removed it reaches more",
    { timeout: patiently(120_000) },
    async ({ removed, plain, recorded }) => {
      const opened = { tcp: plain, udp: plain, parts: plain, ping: plain, recorded };
      const tries = triesOf(world, opened);
      const program = join(lab().host.work, "connect");
      buildProgram(program, { tries, port: PORT });
      chmodSync(program, 0o755);
      for (const comment of removed) expect(lab().removeRule(comment)).toBe(true);
      const { place } = await lab().place("internet");
      // Nobody on a usual host may ask for an echo: here all may.
      lab().within(place, "echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range");
      place.give({ argv: ["/work/connect"] });
      expect((await place.ended()).init).toMatchObject({ kind: "exited", code: 0 });
      const found = place.read("out").toString().trim();
      expect(targetsFound(tries, found, "o")).toEqual({ ...nothing, ...opened });
    },
  );
});
