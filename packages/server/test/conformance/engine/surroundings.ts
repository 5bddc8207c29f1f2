import { describe, expect, it } from "vitest";
import {
  closedRules,
  grantOf,
  type GrantedProfile,
  type NetworkRules,
} from "../../../src/core/network/profile.ts";
import { plainSurroundings, type Surroundings } from "../../../src/core/stages/surroundings.ts";
import { type Engine, EngineError } from "../../../src/engines/engine.ts";
import { patienceMs, type EngineBench } from "../../support/engine-bench.ts";
import { everyByte } from "./output.ts";

export function describeSurroundings(bench: EngineBench): void {
  const { engine, subject } = bench;

  describe("what a job finds", () => {
    it("is its standard input, to the last byte", async () => {
      const { stdout } = await bench.run(subject.commands.copyStdin(), { stdin: everyByte(200_001) });
      expect(stdout.equals(everyByte(200_001))).toBe(true);
    });

    it.each([{ stdin: null }, { stdin: new Uint8Array() }])(
      "is an empty standard input with $stdin",
      async ({ stdin }) => {
        const { exit, stdout } = await bench.run(subject.commands.copyStdin(), { stdin });
        expect([exit.code, stdout.toString()]).toEqual([0, ""]);
      },
    );

    it("is its own environment, and nothing of the server's", async () => {
      process.env["BERTH_CONFORMANCE_MARK"] = "of the server";
      const env = { PATH: "/usr/bin:/bin", GREETING: "hello world", EMPTY: "", ODD: "a=b\"c'd\\e$f\tg" };
      const { stdout } = await bench.run(subject.commands.printEnvironment(), { env });
      delete process.env["BERTH_CONFORMANCE_MARK"];
      const found = Object.fromEntries(stdout.toString().split("\n").slice(0, -1).map(splitOnce));
      // Where it is and where its home is are all that an engine may add.
      const added = { HOME: "", PWD: "" };
      expect({ ...found, ...added }).toEqual({ ...env, ...added });
    });

    it.each(["data.bin", "some/folder/data.bin", "name with spaces and 'quotes'"])(
      "is its file %j",
      async (name) => {
        const { stdout } = await bench.run(subject.commands.printFile(name), {
          files: [
            { name, content: everyByte(70_000) },
            { name: "other", content: Buffer.from("other") },
          ],
        });
        expect(stdout.equals(everyByte(70_000))).toBe(true);
      },
    );

    it("is the working directory that it asked for", async () => {
      const { stdout } = await bench.run(subject.commands.printWorkdir(), { workdir: "/work" });
      expect(stdout.toString()).toBe("/work\n");
    });

    it.each<[what: string, asked: Partial<Surroundings>]>([
      ...networksOf(engine).map((network): [string, Partial<Surroundings>] => [
        `the network "${network.name}", where it cannot hold that`,
        { network },
      ]),
      [
        "what lies on the server, where it can show none",
        { mounts: [{ kind: "read-only", at: "/data", source: "/etc" }] },
      ],
    ])(
      "is never something weaker than %s: that is told beforehand, and not started",
      async (_what, asked) => {
        const launch = bench.newLaunch(subject.commands.exit(0), asked);
        expect(engine.plan(launch).impossible.map(({ field }) => field)).toEqual(Object.keys(asked));
        const started = engine.start(launch, AbortSignal.timeout(patienceMs));
        await expect(started).rejects.toMatchObject({ blame: "engine", retryable: false });
        expect(await engine.recover(launch.handle)).toEqual({ kind: "never-started" });
        expect(engine.plan({ ...launch, ...plainSurroundings }).impossible).toEqual([]);
      },
    );

    it("has contacts where it has a network, and none where it has none", async () => {
      const { id, handle } = await bench.start(subject.commands.sleep(50));
      expect(await engine.contacts(handle)).toBeNull();
      await engine.wait(handle, AbortSignal.timeout(patienceMs));
      expect(await engine.contacts(handle)).toBeNull();
      await engine.destroy(handle);
      expect(await engine.contacts(engine.handleFor(id))).toBeNull();
    });

    it("never is a file outside of its folder", async () => {
      for (const name of ["../outside", "a/../../outside", "/outside"]) {
        const launch = bench.newLaunch(subject.commands.exit(0), {
          files: [{ name, content: Buffer.from("x") }],
        });
        await expect(engine.start(launch, AbortSignal.timeout(patienceMs))).rejects.toBeInstanceOf(
          EngineError,
        );
        await engine.destroy(launch.handle);
      }
    });
  });
}

/** One network for each thing that this engine says it cannot hold. */
function networksOf({ capabilities }: Engine): GrantedProfile[] {
  const service = { protocol: "tcp", ports: { first: 443, last: 443 } } as const;
  const each: Record<string, Partial<NetworkRules>> = {
    internet: { isPublic: true },
    cidr: { open: [{ range: "11.0.0.0/8", ...service }] },
    domains: { domains: ["example.org"], services: [service] },
    resolvers: { resolvers: ["9.9.9.9"] },
    host: { hostPorts: [80] },
    connections: { connections: 10 },
    rates: { rate: 1_000_000 },
    observe: {},
  };
  const known = new Set<string>(capabilities.networkProfiles);
  return Object.entries(each)
    .filter(([ability]) => !known.has(ability))
    .map(([name, rules]) =>
      grantOf(name, { rules: { ...closedRules, ...rules }, observe: name === "observe" }),
    );
}

function splitOnce(line: string): [name: string, value: string] {
  const equals = line.indexOf("=");
  return [line.slice(0, equals), line.slice(equals + 1)];
}
