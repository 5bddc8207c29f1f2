import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { openEngineBench } from "./support/engine-bench.ts";
import { subject } from "./support/local-subject.ts";

const score = "/proc/self/oom_score_adj";
const before = readFileSync(score, "utf8");

/** As systemd does with OOMScoreAdjust. Why it cannot be had; null when it is so. */
function spareThisProcess(): string | null {
  try {
    writeFileSync(score, "-500");
    return null;
  } catch {
    return "this process may not lower its own score (CAP_SYS_RESOURCE)";
  }
}

const missing = (await subject.missing()) ?? spareThisProcess();
if (missing !== null) console.log(`SKIPPED: whom the host spares, because ${missing}`);
const bench = missing === null ? await openEngineBench(subject) : null;
afterAll(async () => {
  if (missing === null) writeFileSync(score, before);
  await bench?.[Symbol.asyncDispose]();
});

it.skipIf(missing !== null)(
  "leaves jobs to the host when its memory runs out, also where the host spares the server",
  async () => {
    const script = `cat ${score}; (echo -500 >${score}) 2>/dev/null || echo refused; cat ${score}`;
    const ended = await bench?.run({ command: "sh", args: ["-c", script] });
    expect(ended?.stdout.toString()).toBe("0\nrefused\n0\n");
  },
);
