import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EngineSubject } from "../packages/server/test/support/engine-subject.ts";
import { subject as fake } from "../packages/server/test/support/fake-subject.ts";
import { crashPointArmer, testModule, testProgram } from "../packages/server/test/support/launcher.ts";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";
import { newId } from "../packages/server/src/lib/ids.ts";

/*
 * A server takes seconds to come back to the local engine, so by default it is killed there at a few of the boundaries;
 * BERTH_TEST_STAGE_BOUNDARIES=all kills it at each.
 */
const atAll = process.env["BERTH_TEST_STAGE_BOUNDARIES"] === "all";

/** The boundaries in the life of a job of three stages, the first two infrastructure, in order. */
const boundaries = [
  ...[0, 1].flatMap((n) => ["stored", "started", "exited", "recorded"].map((step) => `stage-${n}-${step}`)),
  "spawned",
  "exited",
  "recorded",
];

interface Seen {
  job: { state: string; exitCode: number; cause: { code: string } };
  stages: { state: string; attempt: number }[];
  output: string;
  events: { type: string; stage: { kind: string; state: string } | null }[];
}

const program = new URL("../packages/server/test/support/stages-server.ts", import.meta.url);

/** Runs a server on the folder: what it saw in the end, or null where it was killed at that boundary. */
async function serve(
  { module }: EngineSubject,
  { root, id, crashAt }: { root: string; id: string; crashAt?: string },
): Promise<Seen | null> {
  const arm = crashAt === undefined ? [] : [`--import=${crashPointArmer}?at=${crashAt}`];
  const [node, ...words] = testProgram(program, arm);
  const server = spawn(node, [...words, testModule(module), root, id], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await Promise.all([text(server.stdout), once(server, "exit")]);
  if (server.signalCode === "SIGKILL") return null;
  expect(server.exitCode).toBe(0);
  return JSON.parse(said) as Seen;
}

const few = ["stage-0-started", "stage-1-stored", "stage-1-recorded", "exited"];

describe.each([
  // Stored and not started: begun again. Started: found by the next server, and not begun again.
  { subject: fake, killedAt: boundaries, attempts: [2, 3] },
  atAll
    ? { subject: local, killedAt: boundaries, attempts: [2, 2] }
    : { subject: local, killedAt: few, attempts: [1, 2] },
])("on the $subject.name engine", async ({ subject, killedAt, attempts }) => {
  const missing = await subject.missing();
  if (missing !== null)
    console.log(`SKIPPED: survival of stages on engine "${subject.name}", because ${missing}`);
  let folder: ReturnType<typeof tempFolder>;
  beforeEach(() => {
    folder = tempFolder();
  });
  afterEach(async () => {
    await subject.remove(folder.path);
    await folder[Symbol.asyncDispose]();
  });

  it.skipIf(missing !== null)(
    "a server killed at the boundaries of a job of three stages, one after the other, repeats no stage that has ended, and runs the user's code once",
    async () => {
      const [root, id] = [folder.path, newId()];
      for (const crashAt of killedAt)
        expect([crashAt, await serve(subject, { root, id, crashAt })]).toEqual([crashAt, null]);
      const seen = await serve(subject, { root, id });
      expect(seen?.job).toMatchObject({ state: "failed", exitCode: 3, cause: { code: "exit" } });
      expect(seen?.output).toMatch(/^begin\n01end\n$/);
      expect(seen?.stages.map(({ state, attempt }) => [state, attempt])).toEqual(
        attempts.map((n) => ["succeeded", n]),
      );
      const ends = seen?.events.filter(
        ({ stage }) => stage?.state === "succeeded" || stage?.state === "failed",
      );
      expect(ends?.map(({ type, stage }) => [type, stage?.kind])).toEqual([
        ["preparing", "unpack"],
        ["preparing", "unpack"],
        ["failed", "command"],
      ]);
    },
    120_000,
  );
});
