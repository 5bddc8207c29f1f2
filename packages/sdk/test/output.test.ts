import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Berth, isBerthError, type OutputStream } from "../src/index.ts";
import { nodeHttp } from "../src/transport/node-http.ts";
import { ScriptedServer } from "./support/scripted-server.ts";

const streams: OutputStream[] = ["all", "stdout", "stderr"];

/** In what form output comes, and by what. */
const ways = [
  { way: "in frames by fetch", formats: undefined, transport: undefined, inTheThird: 60 },
  { way: "in frames by Node's own HTTP", formats: undefined, transport: nodeHttp(), inTheThird: 60 },
  {
    way: "in text, from a server without frames",
    formats: ["text/event-stream", "application/x-ndjson"],
    transport: undefined,
    inTheThird: 250,
  },
];

type Way = Pick<(typeof ways)[number], "formats" | "transport">;

async function start(
  { formats, transport }: Way = { formats: undefined, transport: undefined },
  port?: number,
): Promise<{ server: ScriptedServer; berth: Berth }> {
  const server = await new ScriptedServer().listen(port);
  if (formats !== undefined) server.formats = formats;
  return { server, berth: new Berth({ url: server.url, transport }) };
}

function randomUpTo(most: number): number {
  return Math.floor(Math.random() * most);
}

describe.each(ways)("output $way", (way) => {
  it.each(streams)("brings every byte of %s once, in order, over 200 cut connections", async (stream) => {
    const { server, berth } = await start(way);
    await using _ = server;
    const job = server.add();
    job.enter("running");
    for (let n = 0; n < 100; n += 1)
      job.write(n % 3 === 0 ? "stderr" : "stdout", randomBytes(randomUpTo(900)));
    let cuts = 0;
    server.cutAfter = ({ path }) =>
      path.endsWith("/output") && cuts++ < 200 ? 1 + randomUpTo(stream === "stderr" ? 3_000 : 6_000) : null;

    const got: Buffer[] = [];
    let at = 0;
    for await (const chunk of berth.jobs.handle(job.id).output({ stream })) {
      expect(chunk.offset).toBe(at);
      at += chunk.data.length;
      got.push(Buffer.from(chunk.data));
      if (!job.ended && Math.random() < 0.2) job.write("stdout", randomBytes(randomUpTo(500)));
      if (at > 40_000 || (stream === "stderr" && at > 8_000)) job.enter("succeeded");
      else if (at === job.bytes(stream).length && !job.ended) job.enter("succeeded");
    }
    expect(Buffer.concat(got).equals(job.bytes(stream))).toBe(true);
    expect(cuts).toBeGreaterThan(3);
  });

  it.each(streams)("brings the raw bytes of %s once over cut connections", async (stream) => {
    const { server, berth } = await start(way);
    await using _ = server;
    const job = server.add();
    for (let n = 0; n < 40; n += 1) job.write(n % 4 === 0 ? "stderr" : "stdout", randomBytes(10_000));
    job.enter("succeeded");
    server.cutAfter = ({ path }) => (path.endsWith("/output") ? 1 + randomUpTo(40_000) : null);

    const got: Uint8Array[] = [];
    for await (const bytes of berth.jobs.handle(job.id).raw({ stream })) got.push(bytes);
    expect(Buffer.concat(got).equals(job.bytes(stream))).toBe(true);
  });

  it("goes on after an answer that ended in order although the job runs on", async () => {
    const { server, berth } = await start(way);
    await using _ = server;
    const job = server.add();
    job.enter("running");
    let answers = 0;
    server.intercept = ({ path }, response) => {
      if (!path.endsWith("/output") || answers++ > 2) return false;
      response.end();
      if (answers === 3) {
        job.write("stdout", "late");
        job.enter("succeeded");
      }
      return true;
    };
    const got: string[] = [];
    for await (const { data } of berth.jobs.handle(job.id).output()) got.push(Buffer.from(data).toString());
    expect(got).toEqual(["late"]);
  });

  it("leaves out what a server sends twice", async () => {
    const { server, berth } = await start(way);
    await using _ = server;
    const job = server.add();
    for (const text of ["abc", "def", "ghi"]) job.write("stdout", text);
    job.enter("succeeded");
    let asked = 0;
    server.cutAfter = ({ path }) => (path.endsWith("/output") && asked++ === 0 ? way.inTheThird : null);
    server.intercept = ({ query }) => (
      query.set("offset", String(Math.max(Number(query.get("offset")) - 2, 0))), false
    );
    const got: string[] = [];
    for await (const { data, offset } of berth.jobs.handle(job.id).output()) {
      got.push(`${offset}:${Buffer.from(data).toString()}`);
    }
    expect(got).toEqual(["0:abc", "3:def", "6:ghi"]);
    expect(asked).toBeGreaterThan(1);
  });

  it("ends with what is there when it does not follow", async () => {
    const { server, berth } = await start(way);
    await using _ = server;
    const job = server.add();
    job.enter("running");
    job.write("stdout", "0123456789");
    const got: string[] = [];
    for await (const { data, offset } of berth.jobs.handle(job.id).output({ follow: false, offset: 4 })) {
      got.push(`${offset}:${Buffer.from(data).toString()}`);
    }
    expect(got).toEqual(["4:456789"]);
  });

  it("ends the request when the caller leaves the loop", async () => {
    const { server, berth } = await start(way);
    await using _ = server;
    const job = server.add();
    job.enter("running");
    job.write("stdout", "one");
    const closed = Promise.withResolvers<void>();
    server.intercept = (_request, response) => {
      response.once("close", () => closed.resolve());
      return false;
    };
    for await (const chunk of berth.jobs.handle(job.id).output()) {
      expect(chunk.stream).toBe("stdout");
      break;
    }
    await closed.promise;
  });

  it("ends with the reason of the caller's signal while nothing comes", async () => {
    const { server, berth } = await start(way);
    await using _ = server;
    const job = server.add();
    job.enter("running");
    const stop = new AbortController();
    server.intercept = () => {
      queueMicrotask(() => stop.abort(new Error("enough")));
      return false;
    };
    const reading = berth.jobs.handle(job.id).output({ signal: stop.signal }).next();
    await expect(reading).rejects.toThrow("enough");
  });

  it("survives a server that is gone for a while", async () => {
    const { server: first, berth } = await start(way);
    const { port } = first;
    const job = first.add();
    job.enter("running");
    job.write("stdout", "before ");
    const reader = berth.jobs.handle(job.id).output();
    expect((await reader.next()).value).toMatchObject({ offset: 0 });
    await first[Symbol.asyncDispose]();

    const rest = reader.next();
    const { server: second } = await start(way, port);
    await using _ = second;
    second.jobs.set(job.id, job);
    job.write("stdout", "after");
    job.enter("succeeded");
    expect((await rest).value).toMatchObject({ offset: 7, data: Buffer.from("after") });
    expect((await reader.next()).done).toBe(true);
  });

  it("gives up when nobody answers for longer than its patience", async () => {
    const server = await new ScriptedServer().listen();
    const berth = new Berth({ url: server.url, patience: { followMs: 300 } });
    await server[Symbol.asyncDispose]();
    const failure = await berth.jobs
      .handle("x")
      .output()
      .next()
      .catch((error: unknown) => error);
    expect(isBerthError(failure) && failure.code).toBe("SERVER_UNREACHABLE");
  });

  it("gives up on a server that accepts and cuts for ever without bringing anything", async () => {
    const { server } = await start(way);
    await using _ = server;
    const berth = new Berth({ url: server.url, patience: { followMs: 300 } });
    const job = server.add();
    server.intercept = (_request, response) => {
      response.writeHead(200).write(": hi\n\n", () => response.destroy());
      return true;
    };
    const failure = await berth.jobs
      .handle(job.id)
      .output()
      .next()
      .catch((error: unknown) => error);
    expect(isBerthError(failure) && failure.code).toBe("SERVER_UNREACHABLE");
    expect(server.requests.length).toBeLessThan(10);
  });
});

describe("events", () => {
  it("brings every event once, to the terminal one, over cut connections", async () => {
    const { server, berth } = await start();
    await using _ = server;
    const job = server.add();
    for (const state of ["preparing", "running", "stopping", "canceled"] as const) job.enter(state);
    let cuts = 0;
    server.cutAfter = () => (cuts++ < 20 ? 1 + randomUpTo(400) : null);
    const got: string[] = [];
    for await (const event of berth.jobs.handle(job.id).events()) got.push(`${event.seq} ${event.type}`);
    expect(got).toEqual(["1 queued", "2 preparing", "3 running", "4 stopping", "5 canceled"]);
    expect(cuts).toBeGreaterThan(1);
  });

  it("leaves out events that a server sends twice", async () => {
    const { server, berth } = await start();
    await using _ = server;
    const job = server.add();
    for (const state of ["preparing", "running", "succeeded"] as const) job.enter(state);
    let asked = 0;
    server.cutAfter = () => (asked++ === 0 ? 600 : null);
    server.intercept = ({ headers }) => (delete headers["last-event-id"], false);
    const got: number[] = [];
    for await (const { seq } of berth.jobs.handle(job.id).events()) got.push(seq);
    expect(got).toEqual([1, 2, 3, 4]);
    expect(asked).toBe(2);
  });

  it("ends at once for who has seen all of them", async () => {
    const { server, berth } = await start();
    await using _ = server;
    const job = server.add();
    job.enter("succeeded");
    const handle = berth.jobs.handle(job.id);
    let last = 0;
    for await (const { seq } of handle.events()) last = seq;
    const more: unknown[] = [];
    for await (const event of handle.events({ afterSeq: last })) more.push(event);
    expect(more).toEqual([]);
  });

  it("goes on after an answer that ended in order before the terminal event", async () => {
    const { server, berth } = await start();
    await using _ = server;
    const job = server.add();
    let asked = 0;
    server.intercept = (_request, response) => {
      if (asked++ > 0) return false;
      job.enter("succeeded");
      response.end();
      return true;
    };
    const got: string[] = [];
    for await (const { type } of berth.jobs.handle(job.id).events()) got.push(type);
    expect(got).toEqual(["queued", "succeeded"]);
  });
});
