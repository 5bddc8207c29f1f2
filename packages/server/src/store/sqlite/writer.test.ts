import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../test/support/temp-folder.ts";
import { migrate } from "./migrate.ts";
import { Writer } from "./writer.ts";

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log("SKIPPED: the turn of commits, because only root may go before others");

/** Nice values of the threads of this process that have such a name. */
function niceOf(name: string): number[] {
  return readdirSync("/proc/self/task").flatMap((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, "utf8");
    const [, comm, rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    return comm === name ? [Number(rest.split(" ")[16])] : [];
  });
}

it.skipIf(!isRoot)("has commits go before all else that the server does, and nothing else", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "berth.db");
  await migrate(path);
  const before = getPriority();
  await using _writer = await Writer.open(path);
  expect(niceOf("berth-writer")).toEqual([-10]);
  expect(getPriority()).toBe(before);
});
