import { expect, it } from "vitest";
import { startProgram } from "./support/start-program.ts";
import { tempFolder } from "./support/temp-folder.ts";

const program = new URL("support/rebound-names.ts", import.meta.url);
const isRoot = process.getuid?.() === 0;
if (!isRoot)
  console.log("SKIPPED: names that turn from public to closed, because only root has a network of its own");

it.skipIf(!isRoot)(
  "callbacks and git are led to no closed address by a name that was public a moment ago, nor by one that is both",
  async () => {
    await using folder = tempFolder();
    const apart = ["unshare", "--net", "--mount", "--propagation", "private"];
    await using running = startProgram(program, [folder.path], apart);
    const lines = [];
    for await (const line of running.lines) lines.push(line);
    const open = "8.8.8.8";
    const sent = { kind: "done", address: open };
    const led = { code: 0, reason: null };
    expect(JSON.parse(lines.join(""))).toEqual({
      callBack: { told: [sent, { kind: "refused", address: null }, sent], came: [open, open], asked: 3 },
      leadGit: { told: [led, { code: 2, reason: "refused_address" }, led], came: [open, open], asked: 3 },
    });
  },
);
