import { parentPort } from "node:worker_threads";
import type { FromDoors, ToDoors } from "./door.ts";
import { openDoor } from "./open-door.ts";

const open = new Map<string, Promise<Disposable | null>>();
const tell = (word: FromDoors): void => parentPort?.postMessage(word);

async function opened({ door }: Extract<ToDoors, { kind: "open" }>): Promise<Disposable | null> {
  const { id } = door;
  try {
    const made = await openDoor(door, (seen) => tell({ kind: "seen", id, seen }));
    tell({ kind: "opened", id, problem: null });
    return made;
  } catch (error) {
    tell({ kind: "opened", id, problem: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

async function close(id: string): Promise<void> {
  const door = open.get(id);
  open.delete(id);
  (await door)?.[Symbol.dispose]();
  tell({ kind: "closed", id });
}

parentPort?.on("message", (word: ToDoors) => {
  if (word.kind === "open") open.set(word.door.id, opened(word));
  else void close(word.id);
});
