import { type Job, type JobSpecInput, outputFramesType } from "@berth/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { type LocalServer, startLocalServer } from "./support/local-server.ts";
import { idioms } from "./support/output-idioms.ts";
import { parseFrames } from "./support/parse-frames.ts";

const started = await startLocalServer("what scripts do with their output");
afterAll(() => started?.[Symbol.asyncDispose](), 60_000);

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

interface Seen {
  stdout: string;
  stderr: string;
  /** Of the stream `all`, the two taken apart again. */
  all: { stdout: string; stderr: string };
}

/** What one reader of each stream got. */
async function read(id: string, query: string): Promise<Seen> {
  const { api } = server();
  const text = async (stream: string): Promise<string> =>
    (await api.request(`/api/v1/jobs/${id}/output?stream=${stream}${query}`)).text();
  const frames = async (): Promise<Seen["all"]> => {
    const headers = { accept: outputFramesType };
    const answer = await api.request(`/api/v1/jobs/${id}/output?stream=all${query}`, { headers });
    const all = { stdout: "", stderr: "" };
    for (const { kind, data } of parseFrames(Buffer.from(await answer.arrayBuffer()))) {
      if (kind === "stdout" || kind === "stderr") all[kind] += data.toString();
    }
    return all;
  };
  const [stdout, stderr, all] = await Promise.all([text("stdout"), text("stderr"), frames()]);
  return { stdout, stderr, all };
}

async function play(spec: JobSpecInput): Promise<{ job: Job; live: Seen; later: Seen }> {
  const { id } = await server().api.submit(spec);
  const live = await read(id, "&follow=true");
  return { job: await server().api.end(id), live, later: await read(id, "") };
}

describe.skipIf(started === null)(
  "ABUSE 39: readers see each byte once and in its place, live and later, of",
  { timeout: 60_000 },
  () => {
    const modes = ["stop", "discard"] as const;
    it.each(idioms.flatMap((idiom) => modes.map((overflow) => ({ ...idiom, overflow }))))(
      "$title ($overflow)",
      async ({ job: spec, stdout, stderr, overflow }) => {
        const { job, live, later } = await play({ ...spec, output: { limit: "1MiB", overflow } });
        const wanted = { stdout, stderr, all: { stdout, stderr } };
        expect(later).toEqual(wanted);
        expect(live).toEqual(wanted);
        expect(job).toMatchObject({
          state: "succeeded",
          usage: { outputBytes: stdout.length + stderr.length },
        });
      },
    );
  },
);
