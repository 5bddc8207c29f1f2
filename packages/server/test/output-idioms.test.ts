import { type Job, type JobSpecInput, outputFramesType } from "@berth/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { type LocalServer, startLocalServer } from "./support/local-server.ts";
import { idioms } from "./support/output-idioms.ts";
import { parseFrames } from "./support/parse-frames.ts";

const what = "what scripts do with their output";
/** In sandboxes that stood before the jobs came, and in others. */
const warm = await startLocalServer(what, { BERTH_WARM_SANDBOXES: "2" });
const cold = await startLocalServer(what, { BERTH_WARM_SANDBOXES: "0" });
afterAll(async () => {
  await warm?.[Symbol.asyncDispose]();
  await cold?.[Symbol.asyncDispose]();
});

interface Seen {
  stdout: string;
  stderr: string;
  /** Of the stream `all`, the two taken apart again. */
  all: { stdout: string; stderr: string };
}

/** What one reader of each stream got. */
async function read({ api }: LocalServer, id: string, query: string): Promise<Seen> {
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

async function play(
  server: LocalServer | null,
  spec: JobSpecInput,
): Promise<{ job: Job; live: Seen; later: Seen }> {
  if (!server) throw new Error("skipped");
  const { id } = await server.api.submit(spec);
  const live = await read(server, id, "&follow=true");
  return { job: await server.api.end(id), live, later: await read(server, id, "") };
}

describe.skipIf(warm === null || cold === null)(
  "ABUSE 39: readers see each byte once and in its place, live and later, of",
  () => {
    const modes = [
      { overflow: "stop", on: "warm" },
      { overflow: "discard", on: "cold" },
    ] as const;
    it.each(idioms.flatMap((idiom) => modes.map((mode) => ({ ...idiom, ...mode }))))(
      "$title ($overflow, $on)",
      async ({ job: spec, stdout, stderr, overflow, on }) => {
        const { job, live, later } = await play(on === "warm" ? warm : cold, {
          ...spec,
          output: { limit: "1MiB", overflow },
        });
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
