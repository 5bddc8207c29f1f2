import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { guards } from "./mutate/guards/guards.ts";
import { rooms } from "./mutate/rooms.ts";
import { runGuards } from "./mutate/run-guards.ts";
import { type RoomScore, runRoom } from "./mutate/run-room.ts";
import { stateOfRoom } from "./mutate/state-of-room.ts";

const usage = `Usage: npm run mutate -- [ROOM | guards | guards:PATTERN]... [--update] [--again]

Whether the tests notice when code is changed. Without a name it tries everything, which takes hours.

  ROOM             ${rooms.map(({ name }) => name).join(", ")}
  guards:PATTERN   those whose name, file or test the pattern finds
  --update         write the new scores; otherwise one that falls is a failure
  --again          try also rooms and guards of which nothing has changed since they were tried`;

const file = new URL("mutate/scores.json", import.meta.url);
const known = [...rooms.map(({ name }) => name), "guards"];
const flag = { type: "boolean", default: false } as const;
const { values, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: { update: flag, again: flag, help: { ...flag, short: "h" } },
});
const unknown = asked.find((word) => !known.includes(word.split(":")[0] ?? ""));

if (values.help) {
  console.log(usage);
} else if (unknown !== undefined) {
  console.error(`"${unknown}" is neither a room nor "guards"\n\n${usage}`);
  process.exitCode = 2;
} else {
  const fallen = [...tryRooms(), ...tryGuards()];
  for (const line of fallen) console.error(`FALLEN: ${line}`);
  process.exitCode = fallen.length > 0 ? 1 : 0;
}

/** Those whose score fell, in words. */
function tryRooms(): string[] {
  const before = readScores();
  return rooms
    .filter(({ name }) => asked.length === 0 || asked.includes(name))
    .flatMap((room) => {
      const { score = 0, of: tried } = before[room.name] ?? {};
      const state = stateOfRoom(room, process.cwd());
      if (tried === state && !values.again) {
        console.log(`room ${room.name}: ${score} % noticed before, and nothing of it has changed since`);
        return [];
      }
      console.log(`room ${room.name}`);
      return note(room.name, { ...runRoom(room), of: state }, score);
    });
}

/** Those that no test held, in words. */
function tryGuards(): string[] {
  const wanted = asked.find((word) => word.split(":")[0] === "guards");
  if (asked.length > 0 && wanted === undefined) return [];
  const asPattern = new RegExp(wanted?.split(":")[1] ?? "");
  const chosen = guards.filter(({ guard, test, file: at }) => asPattern.test(`${guard} ${test} ${at}`));
  console.log(`${chosen.length} guards`);
  const unnoticed = runGuards(chosen, { again: values.again });
  console.log(`guards: ${chosen.length - unnoticed.length} of ${chosen.length} are held`);
  return unnoticed.map((guard) => `guards: not held: ${guard}`);
}

function readScores(): Record<string, RoomScore> {
  return (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {}) as Record<string, RoomScore>;
}

function note(name: string, found: RoomScore, least: number): string[] {
  // At once, and into what stands there by now: a run takes hours, and others may be under way.
  if (values.update) writeFileSync(file, `${JSON.stringify({ ...readScores(), [name]: found }, null, 2)}\n`);
  console.log(
    `${name}: ${found.score} % noticed, ${found.noticed} of ${found.noticed + found.unnoticed}; was ${least} %`,
  );
  return found.score < least && !values.update ? [`${name}: ${found.score} % of ${least} %`] : [];
}
