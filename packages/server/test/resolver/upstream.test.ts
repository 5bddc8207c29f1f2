import { createSocket } from "node:dgram";
import { describe, expect, it } from "vitest";
import { lookUp } from "../../src/lib/dns/look-up.ts";
import { RCODE } from "../../src/lib/dns/message.ts";
import { readRecords } from "../../src/lib/dns/records.ts";
import { Upstream } from "../../src/lib/dns/upstream.ts";
import { writeQuestionOf } from "../../src/lib/dns/write-records.ts";
import { until } from "../support/until.ts";
import { answerTo, type Play, type PlayedQuestion, playNameServer } from "./play-name-server.ts";

const asked = {
  question: writeQuestionOf({ name: "github.com", type: "A" }),
  additionals: [],
  leavesUnchecked: false,
};
const honest = (question: PlayedQuestion, data = "1.1.1.1"): Buffer =>
  answerTo(question, { records: [{ name: question.name, type: "A", data }] });
const forged = (question: PlayedQuestion, answer: Parameters<typeof answerTo>[1] = {}): Buffer =>
  answerTo(question, { records: [{ name: question.name, type: "A", data: "6.6.6.6" }], ...answer });
const addressesIn = (answer: Buffer | null): string[] =>
  answer === null ? [] : readRecords(answer).flatMap((one) => (one.kind === "address" ? [one.address] : []));
/** Long enough for a busy host: no test here waits for it but those whose server says nothing. */
const patient = 20_000;

async function ask(play: Play, timeoutMs = patient): Promise<{ told: string[]; by: string[] }> {
  await using server = await playNameServer(play);
  const told = addressesIn(await new Upstream({ timeoutMs }).ask(asked, [server]));
  return { told, by: server.asked.map(({ by }) => by) };
}

describe("a server of names", () => {
  it("is asked by a packet, and believed", async () => {
    expect(await ask((question) => [honest(question)])).toEqual({ told: ["1.1.1.1"], by: ["packet"] });
  });

  it.each<[string, Play]>([
    ["to another number", (one) => [forged(one, { id: one.id ^ 1 }), honest(one)]],
    [
      "to another question",
      (one) => [forged(one, { question: writeQuestionOf({ name: "evil.org", type: "A" }) }), honest(one)],
    ],
    [
      "to the same name and another type",
      (one) => [
        forged(one, { question: writeQuestionOf({ name: "github.com", type: "AAAA" }) }),
        honest(one),
      ],
    ],
    [
      "that are questions",
      (one) => [
        Buffer.concat([Buffer.from([one.id >> 8, one.id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), one.question]),
        honest(one),
      ],
    ],
    [
      "that are no messages",
      (one) => [Buffer.alloc(0), Buffer.from([one.id >> 8, one.id & 255, 0x80]), honest(one)],
    ],
  ])("is not believed in answers %s: the right one is waited for", async (_what, play) => {
    expect(await ask(play)).toEqual({ told: ["1.1.1.1"], by: ["packet"] });
  });

  it("is heard from its own port alone, as whoever else answers is another", async () => {
    const other = createSocket("udp4");
    const told = await ask(async (question, { back }) => {
      if (back === null) return [];
      await new Promise((sent) => other.send(forged(question), back.port, back.address, sent));
      return [honest(question)];
    });
    other.close();
    expect(told).toEqual({ told: ["1.1.1.1"], by: ["packet"] });
  });

  it("that sends many wrong numbers is asked by a stream, where nobody can guess", async () => {
    const told = await ask((one) =>
      one.by === "stream"
        ? [honest(one)]
        : Array.from({ length: 64 }, (_, n) => forged(one, { id: one.id ^ (n + 1) })),
    );
    expect(told).toEqual({ told: ["1.1.1.1"], by: ["packet", "stream"] });
  });

  it("that cuts its answer off is asked by a stream", async () => {
    const told = await ask((one) => [
      one.by === "stream" ? honest(one, "1.1.1.2") : answerTo(one, { isTruncated: true }),
    ]);
    expect(told).toEqual({ told: ["1.1.1.2"], by: ["packet", "stream"] });
  });

  it("that sends a packet longer than any is asked by a stream", async () => {
    const long = (one: PlayedQuestion): Buffer => {
      const records = Array.from({ length: 150 }, (_, n) => ({
        name: "github.com",
        type: "A",
        data: `6.6.6.${n}`,
      }));
      return answerTo(one, { records });
    };
    expect(long({ ...asked, id: 0, name: "", by: "packet" }).length).toBeGreaterThan(3900);
    const told = await ask((one) => [
      one.by === "stream" ? honest(one) : Buffer.concat([long(one), Buffer.alloc(1000)]),
    ]);
    expect(told).toEqual({ told: ["1.1.1.1"], by: ["packet", "stream"] });
  });

  it("that answers a stream with another number is not believed at all", async () => {
    const told = await ask((one) => [
      one.by === "stream" ? forged(one, { id: one.id ^ 1 }) : answerTo(one, { isTruncated: true }),
    ]);
    expect(told).toEqual({ told: [], by: ["packet", "stream", "packet", "stream"] });
  });

  it("may write the letters of the question large or small", async () => {
    const told = await ask((one) => [
      answerTo(one, {
        question: Buffer.from(one.question.toString("latin1").replace("github", "GiThUb"), "latin1"),
        records: [{ name: "GitHub.com", type: "A", data: "1.1.1.1" }],
      }),
    ]);
    expect(told.told).toEqual(["1.1.1.1"]);
  });

  it("that says nothing is given up, after another one was asked", async () => {
    await using silent = await playNameServer(() => []);
    await using speaking = await playNameServer((one) => [honest(one)]);
    const upstream = new Upstream({ timeoutMs: 50 });
    expect(await upstream.ask(asked, [silent])).toBeNull();
    await until(() => silent.asked.length === 2, { what: "both questions" });
    // On a busy host the other one may not have answered in so short a time either.
    const told = await until(async () => addressesIn(await upstream.ask(asked, [silent, speaking]))[0], {
      what: "what another server says",
    });
    expect(told).toBe("1.1.1.1");
  });

  it("that is not there, or refuses, is passed over at once", async () => {
    await using speaking = await playNameServer((one) => [honest(one)]);
    const gone = await playNameServer(() => []);
    await gone[Symbol.asyncDispose]();
    const upstream = new Upstream({ timeoutMs: patient });
    expect(addressesIn(await upstream.ask(asked, [gone, speaking]))).toEqual(["1.1.1.1"]);
    for (const rcode of [RCODE.refused, RCODE.failed, RCODE.notImplemented]) {
      await using refusing = await playNameServer((one) => [answerTo(one, { rcode })]);
      expect(addressesIn(await upstream.ask(asked, [refusing, speaking]))).toEqual(["1.1.1.1"]);
    }
    await using bare = await playNameServer(({ id }) => [
      Buffer.from([id >> 8, id & 255, 0x81, 0x85, 0, 0, 0, 0, 0, 0, 0, 0]),
    ]);
    expect(addressesIn(await upstream.ask(asked, [bare, speaking]))).toEqual(["1.1.1.1"]);
  });

  it("is asked by another number and from another port each time", async () => {
    const ports = new Set<number>();
    await using server = await playNameServer((one, { back }) => {
      if (back !== null) ports.add(back.port);
      return [honest(one)];
    });
    const upstream = new Upstream({ timeoutMs: patient });
    for (let n = 0; n < 30; n += 1) await upstream.ask(asked, [server]);
    expect(new Set(server.asked.map(({ id }) => id)).size).toBeGreaterThan(25);
    expect(ports.size).toBeGreaterThan(15);
  });

  it("is not asked at all while too many questions are under way", async () => {
    const free = Promise.withResolvers<void>();
    await using server = await playNameServer(async (one) => {
      await free.promise;
      return [honest(one)];
    });
    const upstream = new Upstream({ timeoutMs: patient, mostAtOnce: 2 });
    const waiting = [upstream.ask(asked, [server]), upstream.ask(asked, [server])];
    expect(await upstream.ask(asked, [server])).toBeNull();
    free.resolve();
    for (const answer of await Promise.all(waiting)) expect(addressesIn(answer)).toEqual(["1.1.1.1"]);
    expect(addressesIn(await upstream.ask(asked, [server]))).toEqual(["1.1.1.1"]);
  });
});

describe("a name", () => {
  const records = {
    "a.org": { type: "CNAME", data: "b.org" },
    "b.org": { type: "CNAME", data: "c.org" },
    "c.org": { type: "A", data: "1.1.1.1" },
    "loop.org": { type: "CNAME", data: "pool.org" },
    "pool.org": { type: "CNAME", data: "loop.org" },
  } as const;

  it("is followed through servers that tell one step at a time, and given up where these go round", async () => {
    await using server = await playNameServer((one) => {
      const record = records[one.name as keyof typeof records];
      return [answerTo(one, { records: [{ name: one.name, ...record }] })];
    });
    const sources = { upstream: new Upstream({ timeoutMs: patient }), servers: [server] };
    expect(await lookUp({ name: "a.org", type: "A" }, sources)).toMatchObject({
      kind: "found",
      aliases: [{ target: "b.org" }, { target: "c.org" }],
      records: [{ address: "1.1.1.1" }],
    });
    expect(await lookUp({ name: "loop.org", type: "A" }, sources)).toEqual({ kind: "unknown" });
  });

  it.each<[string, (one: PlayedQuestion) => Buffer]>([
    ["an answer that ends within its records", (one) => honest(one).subarray(0, -3)],
    [
      "one that counts more records than it has",
      (one) => {
        const answer = honest(one);
        answer.writeUInt16BE(10_000, 6);
        return answer;
      },
    ],
    [
      "one whose names point round in a circle",
      (one) => {
        const answer = honest(one);
        answer.writeUInt16BE(0xc000 + 12 + one.question.length, 12 + one.question.length);
        return answer;
      },
    ],
  ])("is unknown by %s", async (_what, play) => {
    await using server = await playNameServer((one) => [play(one)]);
    const sources = { upstream: new Upstream({ timeoutMs: patient }), servers: [server] };
    expect(await lookUp({ name: "github.com", type: "A" }, sources)).toEqual({ kind: "unknown" });
  });

  it("of which there are thousands of records by a stream is read as far as anybody needs", async () => {
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 1, 0, 0]);
    const many = Array.from({ length: 4000 }, (_, n) => {
      const own = Buffer.from(record);
      own.writeUInt16BE(n, 14);
      return own;
    });
    await using server = await playNameServer((one) => {
      if (one.by === "packet") return [answerTo(one, { isTruncated: true })];
      const answer = Buffer.concat([answerTo(one), ...many]);
      answer.writeUInt16BE(many.length, 6);
      return [answer];
    });
    const sources = { upstream: new Upstream({ timeoutMs: patient }), servers: [server] };
    const found = await lookUp({ name: "github.com", type: "A" }, sources);
    expect(found.kind === "found" && found.records.length).toBe(64);
  });
});
