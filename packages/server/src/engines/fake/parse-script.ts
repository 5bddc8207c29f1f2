import { ScriptBuilder, type ScriptSurroundings } from "./script-builder.ts";
import type { Script } from "./script.ts";
import { steps } from "./steps.ts";

export type ParsedScript = { ok: true; script: Script } | { ok: false; problem: string };

/**
 * The script of a job: with the command `fake` each argument is a step; any other command prints
 * `fake: COMMAND ARGS` and exits with 0.
 */
export function parseScript(
  { command, args }: { command: string; args: readonly string[] },
  surroundings: ScriptSurroundings,
): ParsedScript {
  const job = new ScriptBuilder(surroundings);
  const script = command === "fake" ? args : [`print=fake: ${[command, ...args].join(" ")}`];
  for (const step of script) {
    if (job.isOver) break;
    const equals = step.indexOf("=");
    const name = equals < 0 ? step : step.slice(0, equals);
    const apply = steps.get(name);
    if (!apply) return { ok: false, problem: `the script has no step "${shown(name)}"` };
    const wanted = apply(job, equals < 0 ? "" : step.slice(equals + 1));
    if (typeof wanted === "string") return { ok: false, problem: `step "${shown(step)}" wants ${wanted}` };
  }
  return { ok: true, script: job.build() };
}

function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
