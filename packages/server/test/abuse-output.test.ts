import { once } from "node:events";
import { statSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type LocalServer, python, shell, startLocalServer } from "./support/local-server.ts";

const started = await startLocalServer("what hostile jobs write");
afterAll(() => started?.[Symbol.asyncDispose]());

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

const MIB = 2 ** 20;
const residentMiB = (): number => process.memoryUsage.rss() / MIB;

describe.skipIf(started === null)("output", () => {
  it("ABUSE 14: 512 MiB at full speed without a line end cost the server little memory, and all of it arrives", async () => {
    const { api } = server();
    const before = residentMiB();
    const bytes = 512 * MIB;
    const { id } = await api.submit({
      ...shell(`head -c ${bytes} /dev/zero | tr '\\0' x`),
      output: { limit: "1GiB" },
    });
    const answer = await api.request(`/api/v1/jobs/${id}/output?follow=true&stream=stdout`);
    let got = 0;
    let peak = 0;
    for await (const chunk of answer.body ?? []) {
      got += (chunk as Uint8Array).length;
      peak = Math.max(peak, residentMiB());
    }
    expect(got).toBe(bytes);
    expect(await api.end(id)).toMatchObject({ state: "succeeded", usage: { outputBytes: bytes } });
    // The client is in this process too.
    expect(peak - before).toBeLessThan(300);
    await api.delete(id);
  });

  it("ABUSE 14: one byte for each write, on both streams in turn, adds up in order", async () => {
    const program =
      "import os\nfor n in range(5000):\n  os.write(1, bytes([n % 256]))\n  os.write(2, bytes([n % 256]))";
    const { api, run } = server();
    const { job } = await run(python(program));
    const wanted = Buffer.from(Array.from({ length: 5000 }, (_, n) => n % 256));
    for (const stream of ["stdout", "stderr"]) {
      const answer = await api.request(`/api/v1/jobs/${job.id}/output?stream=${stream}`);
      expect(Buffer.from(await answer.arrayBuffer()).equals(wanted)).toBe(true);
    }
  });

  it("ABUSE 14: bytes that are no text are passed on as they are, and shown as text without them", async () => {
    const { api, run } = server();
    const { job } = await run(
      String.raw`printf 'a\000b\377\302'; sleep 0.2; printf '\251\033]52;c;aGk=\007'`,
    );
    const raw = Buffer.from(await (await api.request(`/api/v1/jobs/${job.id}/output`)).arrayBuffer());
    expect(raw.toString("latin1")).toBe("a\0b\xff\xc2\xa9\x1b]52;c;aGk=\x07");
    const shown = await (await api.request(`/api/v1/jobs/${job.id}?include=output`)).json();
    expect(shown).toMatchObject({
      stdout: { text: "a\0b\ufffd©\u001b]52;c;aGk=\u0007", bytes: 18, truncated: false },
    });
  });

  it("ABUSE 15: a reader that stops reading holds up neither the job nor another reader", async () => {
    const { api, url } = server();
    const bytes = 64 * MIB;
    const { id } = await api.submit(shell(`sleep 0.5; head -c ${bytes} /dev/zero`));
    const headers = { authorization: api.authorization };
    const stuck = request(`${url}/api/v1/jobs/${id}/output?follow=true`, { headers });
    stuck.end();
    const [response] = (await once(stuck, "response")) as [IncomingMessage];
    response.pause();
    const whole = await (await api.request(`/api/v1/jobs/${id}/output?follow=true`)).arrayBuffer();
    expect(whole.byteLength).toBe(bytes);
    expect((await api.end(id)).state).toBe("succeeded");
    let late = 0;
    for await (const chunk of response) late += (chunk as Buffer).length;
    expect(late).toBe(bytes);
  });

  it("ABUSE 9: a job can set aside no room where its output goes, nor name the files", async () => {
    const script =
      "fallocate -n -l 64MiB /dev/stdout 2>/dev/null || echo refused; readlink /proc/self/fd/1 | cut -c1-6 >&2; truncate -s 8T /dev/stdout 2>/dev/null; find / -xdev -newermt '-1 minute' -name stdout -path '*log*' 2>/dev/null";
    const { job, stdout } = await server().run(script, { output: { limit: "1MiB" } });
    expect([job.state, stdout, await server().api.output(job.id, "stderr")]).toEqual([
      "succeeded",
      "refused\n",
      "pipe:[\n",
    ]);
    const held = ["stdout", "stderr", "index"].map(
      (name) => statSync(join(server().dataDir, "logs", job.id, name)).blocks,
    );
    expect(Math.max(...held) * 512).toBeLessThan(MIB);
  });

  it("may be larger than what the job may have in files", async () => {
    const { job } = await server().run("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >/dev/stderr", {
      resources: { disk: "1MiB" },
    });
    expect(job).toMatchObject({ state: "succeeded", usage: { outputBytes: 6_000_000 } });
  });
});
