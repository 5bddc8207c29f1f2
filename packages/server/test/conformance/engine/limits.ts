import type { Isolation } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import type { Limits } from "../../../src/core/limits.ts";
import { plainSurroundings } from "../../../src/core/stages/surroundings.ts";
import type { Plan } from "../../../src/engines/engine.ts";
import { noLimits, patienceMs, type EngineBench } from "../../support/engine-bench.ts";
import { lacks } from "./lacks.ts";

const mebibyte = 2 ** 20;

export function describeLimits(bench: EngineBench): void {
  const { engine, subject } = bench;
  const limited = (own: Partial<Limits>): { limits: Limits } => ({ limits: { ...noLimits, ...own } });
  const planOf = (own: Partial<Limits>): Plan => engine.plan({ ...plainSurroundings, ...limited(own) });

  describe("the limits of a job", () => {
    it.skipIf(lacks(bench, "memoryLimit"))("end it with the measured peak when memory runs out", async () => {
      const memory = { value: 32 * mebibyte, by: "job" } as const;
      const { exit, stdout } = await bench.run(
        subject.commands.useMemory(256 * mebibyte),
        limited({ memory }),
      );
      expect(exit.verdict).toMatchObject({ kind: "oom", limitBytes: 32 * mebibyte });
      expect(exit.verdict?.kind === "oom" && exit.verdict.kills).toBeGreaterThan(0);
      expect(exit.usage.peakMemoryBytes).toBeGreaterThan(16 * mebibyte);
      expect(stdout.toString()).not.toContain("done");
    });

    it.skipIf(lacks(bench, "memoryLimit"))("leave it alone below the memory limit", async () => {
      const memory = { value: 256 * mebibyte, by: "job" } as const;
      const { exit, stdout } = await bench.run(
        subject.commands.useMemory(32 * mebibyte),
        limited({ memory }),
      );
      expect([exit.code, exit.verdict, stdout.toString()]).toEqual([0, null, "done\n"]);
    });

    it.skipIf(lacks(bench, "pidsLimit"))(
      "refuse more processes than it may have, and the job goes on",
      async () => {
        const pids = { value: 16, by: "job" } as const;
        const { exit, stdout } = await bench.run(subject.commands.useProcesses(64), limited({ pids }));
        expect(exit.verdict).toBeNull();
        expect(stdout.toString()).toBe("done\n");
        expect(exit.usage.pidsPeak ?? 0).toBeLessThanOrEqual(16);
        expect(exit.usage.pidsRefused ?? 1).toBeGreaterThan(0);
      },
    );

    it.skipIf(lacks(bench, "diskLimit"))("end it when it fills more disk than it may", async () => {
      const disk = { value: 4 * mebibyte, by: "job" } as const;
      const { exit } = await bench.run(subject.commands.fillDisk(16 * mebibyte), limited({ disk }));
      expect(exit.verdict).toMatchObject({ kind: "disk_limit", limitBytes: 4 * mebibyte });
    });

    it("are planned without a refusal where the engine declares that it can, and refused with a reason else", () => {
      const own = { value: 1, by: "job" } as const;
      const { capabilities } = engine;
      const table = [
        { limit: "cpu", can: capabilities.cpuLimit },
        { limit: "memory", can: capabilities.memoryLimit },
        { limit: "memoryHigh", can: capabilities.memoryHigh },
        { limit: "ioRead", can: capabilities.ioLimits },
        { limit: "ioWrite", can: capabilities.ioLimits },
        { limit: "pids", can: capabilities.pidsLimit },
        { limit: "disk", can: capabilities.diskLimit },
      ] as const;
      for (const { limit, can } of table) {
        const { refused } = planOf({ [limit]: own });
        expect([limit, refused.length]).toEqual([limit, can ? 0 : 1]);
        for (const { field, reason } of refused) expect([field, reason]).not.toContain("");
      }
    });

    it("of the operator are never refused, but noted as not applied where they cannot be", () => {
      const one = { value: 1, by: "operator" } as const;
      const plan = planOf({
        cpu: one,
        memory: one,
        memoryHigh: one,
        ioRead: one,
        ioWrite: one,
        pids: one,
        disk: one,
      });
      expect(plan.refused).toEqual([]);
      const cannot = Object.entries(engine.capabilities).filter(([, value]) => value === false);
      const notable = cannot.filter(([name]) => /Limit|memoryHigh/.test(name));
      expect(notApplied(plan.isolation).length).toBeGreaterThanOrEqual(notable.length);
    });

    it("are noted as none where nobody set one, so that nobody takes them for set", () => {
      const { isolation, refused } = planOf({});
      expect(refused).toEqual([]);
      const unset = [
        "cpu-limit",
        "disk-limit",
        "io-read-limit",
        "io-write-limit",
        "memory-limit",
        "pids-limit",
      ];
      expect(
        notApplied(isolation)
          .filter((name) => name.endsWith("-limit"))
          .toSorted(),
      ).toEqual(unset);
    });

    it("are reported with the start as they were planned", async () => {
      const limits = { ...noLimits, pids: { value: 64, by: "operator" } } as const;
      const launch = bench.newLaunch(subject.commands.exit(0), { limits });
      const { isolation } = await engine.start(launch, AbortSignal.timeout(patienceMs));
      expect(names(isolation)).toEqual(names(engine.plan(launch).isolation));
      await engine.destroy(launch.handle);
    });
  });
}

function notApplied({ items }: Isolation): string[] {
  return items.filter(({ applied }) => !applied).map(({ name }) => name);
}

function names({ items }: Isolation): string[] {
  return items.map(({ name, applied }) => `${name} ${applied}`).toSorted();
}
