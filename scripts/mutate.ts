import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { guards } from "./mutate/guards/guards.ts";
import { rooms } from "./mutate/rooms.ts";
import { runGuards } from "./mutate/run-guards.ts";
import { type RoomScore, runRoom } from "./mutate/run-room.ts";

/**
 * Whether the tests notice when code is changed. `npm run mutate` tries everything, and takes hours; names of rooms and
 * `guards` (or `guards:PATTERN` of their names, files and tests) try a part. A score that falls below scripts/mutate/scores.json is a failure; with
 * `--update` the new scores are written. Guards that were held are remembered in scripts/mutate/held.json, and tried again once their row or a
 * file that it names has changed, or with `--again`.
 */
const file = new URL("mutate/scores.json", import.meta.url);
const update = process.argv.includes("--update");
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const before = readScores();
const fallen: string[] = [];

for (const room of rooms) {
  if (asked.length > 0 && !asked.includes(room.name)) continue;
  console.log(`room ${room.name}`);
  note(room.name, runRoom(room));
}

const wanted = asked.find((word) => word.split(":")[0] === "guards");
if (asked.length === 0 || wanted !== undefined) {
  const part = wanted?.split(":")[1] ?? "";
  const asPattern = new RegExp(part);
  const chosen = guards.filter(({ guard, test, file: at }) => asPattern.test(`${guard} ${test} ${at}`));
  console.log(`${chosen.length} guards`);
  const unnoticed = runGuards(chosen, { again: process.argv.includes("--again") });
  console.log(`guards: ${chosen.length - unnoticed.length} of ${chosen.length} are held`);
  fallen.push(...unnoticed.map((guard) => `guards: not held: ${guard}`));
}

for (const line of fallen) console.error(`FALLEN: ${line}`);
process.exitCode = fallen.length > 0 ? 1 : 0;

function readScores(): Record<string, RoomScore> {
  return (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {}) as Record<string, RoomScore>;
}

function note(name: string, found: RoomScore): void {
  // At once, and into what stands there by now: a run takes hours, and others may be under way.
  if (update) writeFileSync(file, `${JSON.stringify({ ...readScores(), [name]: found }, null, 2)}\n`);
  const { score: least } = before[name] ?? { score: 0 };
  console.log(
    `${name}: ${found.score} % noticed, ${found.noticed} of ${found.noticed + found.unnoticed}; was ${least} %`,
  );
  if (found.score < least && !update) fallen.push(`${name}: ${found.score} % of ${least} %`);
}
