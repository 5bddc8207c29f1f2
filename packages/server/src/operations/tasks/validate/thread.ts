import { parentPort } from "node:worker_threads";
import type { Reply, Sent } from "./asked.ts";
import { checkInput } from "./check-input.ts";
import { compileSchema, type Compiled } from "./compile-schema.ts";
import { wrongDefaults } from "./wrong-defaults.ts";

/** Schemas that were used last, compiled. */
const MOST_KEPT = 200;
const kept = new Map<string, Compiled>();

async function answer(asked: Sent): Promise<Reply> {
  if (asked.kind === "schema") {
    const compiled = compileSchema(asked.schema);
    if ("problems" in compiled) return compiled;
    const problems = wrongDefaults(compiled);
    return problems.length > 0 ? { problems } : { text: "" };
  }
  const known = kept.get(asked.key) ?? (asked.schema === null ? null : compileSchema(asked.schema));
  if (known === null) return "which schema";
  if ("problems" in known) return known;
  kept.delete(asked.key);
  kept.set(asked.key, known);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  const checked = await checkInput(known, asked.text);
  return "text" in checked && checked.text === asked.text ? "as given" : checked;
}

const reply = (word: Reply): void => parentPort?.postMessage(word);
// What it fails with ends the thread, and is told to who asked.
parentPort?.on("message", (asked: Sent) => void answer(asked).then(reply));
reply("ready");
