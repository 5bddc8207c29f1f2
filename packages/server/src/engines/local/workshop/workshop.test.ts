import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { until } from "../../../../test/support/until.ts";
import { EngineError } from "../../engine.ts";
import { Workshop } from "./workshop.ts";

const furnishing = (work: string, names: readonly string[]) => ({
  lower: null,
  work,
  owner: 0,
  files: names.map((name) => ({ name, content: new Uint8Array(1) })),
  workdir: "/work",
  command: "true",
  path: "/usr/bin",
  isLeft: false,
  stdin: { path: join(work, "../stdin"), content: null },
});

it("answers each task with its own result", async () => {
  await using folder = tempFolder();
  await using workshop = new Workshop();
  const made = Array.from({ length: 8 }, (_, index) => join(folder.path, String(index)));
  for (const work of made) mkdirSync(work);
  for (const work of made) mkdirSync(`${work}-kept`);
  await Promise.all(
    made.map((work) =>
      workshop.do({ kind: "furnish", furnishing: furnishing(work, [`${work.at(-1)}.txt`]) }),
    ),
  );
  const collected = await Promise.all(
    made.map((work) => {
      const request = { paths: ["*"], into: `${work}-kept`, maxBytes: 100, maxFiles: 10 };
      return workshop.do({ kind: "collect", work, request });
    }),
  );
  expect(collected.map(({ artifacts }) => artifacts[0]?.path)).toEqual(
    made.map((_, index) => `${index}.txt`),
  );
});

it("keeps whose fault a failure was, and the code of the system's own", async () => {
  await using folder = tempFolder();
  await using workshop = new Workshop();
  const clash = workshop.do({ kind: "furnish", furnishing: furnishing(folder.path, ["a", "a/b"]) });
  await expect(clash).rejects.toMatchObject({ name: "EngineError", blame: "job", retryable: false });
  const nowhere = workshop.do({ kind: "furnish", furnishing: furnishing(join(folder.path, "no"), ["a"]) });
  await expect(nowhere).rejects.toMatchObject({ code: "ENOENT" });
});

it("gives up a thread that does not come back, and starts another for the next task", async () => {
  await using folder = tempFolder();
  await using workshop = new Workshop({ patienceMs: 1, answerMs: 3000 });
  const pipe = join(folder.path, "pipe");
  execFileSync("mkfifo", [pipe]);
  // Whoever opens a pipe to write into it waits for a reader.
  const stuck = { ...furnishing(folder.path, ["a"]), stdin: { path: pipe, content: null } };
  const slow = workshop.do({ kind: "furnish", furnishing: stuck });
  await expect(slow).rejects.toSatisfy((error) => error instanceof EngineError && error.retryable);
  // On a busy host the other one may not have come up in the time for an answer, and is given up as well.
  const again = () => workshop.do({ kind: "furnish", furnishing: furnishing(folder.path, ["b"]) });
  const next = await until(() => again().catch(() => null), { what: "what another thread answers" });
  expect(next).toEqual({ path: "/usr/bin/true" });
  closeSync(openSync(pipe, "r"));
});

it("waits for a task for as long as its thread is there, as others may have their turns before", async () => {
  await using folder = tempFolder();
  await using workshop = new Workshop({ patienceMs: 1, mostLooks: Number.POSITIVE_INFINITY });
  const names = Array.from({ length: 300 }, (_, index) => `f${index}`);
  const slow = workshop.do({ kind: "furnish", furnishing: furnishing(folder.path, names) });
  expect(await slow).toEqual({ path: "/usr/bin/true" });
});

it("lets another task pass while a long one is under way", async () => {
  await using folder = tempFolder();
  await using workshop = new Workshop();
  const [long, short] = [join(folder.path, "long"), join(folder.path, "short")];
  for (const path of [long, short, `${long}-kept`, `${short}-kept`]) mkdirSync(path);
  for (let index = 0; index < 500; index += 1) writeFileSync(join(long, `f${index}`), "");
  const order: string[] = [];
  const collect = async (work: string): Promise<void> => {
    const request = { paths: ["**/*f*"], into: `${work}-kept`, maxBytes: 100, maxFiles: 10_000 };
    await workshop.do({ kind: "collect", work, request });
    order.push(work);
  };
  await Promise.all([collect(long), collect(short)]);
  expect(order).toEqual([short, long]);
});

it("works for whoever asks for little beside one who asks for much", async () => {
  await using folder = tempFolder();
  await using workshop = new Workshop();
  const names = Array.from({ length: 500 }, (_, index) => String(index));
  const done: string[] = [];
  const ask = async (who: string, index: number): Promise<void> => {
    const work = join(folder.path, `${who}${index}`);
    mkdirSync(work);
    await workshop.do({ kind: "furnish", furnishing: furnishing(work, names) }, { who });
    done.push(who);
  };
  await Promise.all([...Array.from({ length: 30 }, (_, index) => ask("ann", index)), ask("bob", 0)]);
  // Beside two of the other's at a time, which on a busy host may get more of the processor: never behind most of them.
  expect(done.indexOf("bob")).toBeLessThanOrEqual(15);
  expect(done).toHaveLength(31);
});

it("refuses those that wait when it ends", async () => {
  await using folder = tempFolder();
  const workshop = new Workshop();
  const asked = Array.from({ length: 10 }, () =>
    workshop.do({ kind: "furnish", furnishing: furnishing(folder.path, ["a"]) }, { who: "ann" }),
  );
  const ends = Promise.allSettled(asked);
  await workshop[Symbol.asyncDispose]();
  for (const end of await ends)
    expect(end).toMatchObject({ status: "rejected", reason: { blame: "engine" } });
});

it("gives up a task that waits for its turn when asked to, and never one that is under way", async () => {
  await using folder = tempFolder();
  await using workshop = new Workshop();
  const pipes = [0, 1].map((index) => join(folder.path, `pipe${index}`));
  execFileSync("mkfifo", pipes);
  const stopped = new AbortController();
  const ask = (name: string, path: string): Promise<unknown> => {
    const work = join(folder.path, name);
    mkdirSync(work);
    const stuck = { ...furnishing(work, ["a"]), stdin: { path, content: null } };
    return workshop.do({ kind: "furnish", furnishing: stuck }, { who: "ann", signal: stopped.signal });
  };
  // Whoever opens a pipe to write into it waits for a reader.
  const begun = pipes.map((path, index) => ask(`begun${index}`, path));
  const waiting = ask("waiting", join(folder.path, "stdin"));
  const behind = workshop.do({ kind: "furnish", furnishing: furnishing(folder.path, ["b"]) }, { who: "ann" });
  const why = new Error("somebody asked for a stop");
  stopped.abort(why);
  await expect(waiting).rejects.toBe(why);
  for (const pipe of pipes) closeSync(openSync(pipe, "r"));
  expect(await Promise.all([...begun, behind])).toEqual(Array(3).fill({ path: "/usr/bin/true" }));
  expect(existsSync(join(folder.path, "waiting", "a"))).toBe(false);
  await expect(ask("late", join(folder.path, "stdin"))).rejects.toBe(why);
});
