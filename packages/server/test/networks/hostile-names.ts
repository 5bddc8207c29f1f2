import { createSocket } from "node:dgram";
import { answerTo, type Play, type PlayedQuestion, playNameServer } from "../resolver/play-name-server.ts";

/**
 * A server of names that nobody should trust, at the address that is the argument. What it does is in the name that is asked
 * for, before its first dot. Says `up` when it listens, and ends with its standard input.
 */
const A = Buffer.from([0, 1]);
const record = (one: PlayedQuestion, data: string, ttl = 60) => ({
  name: one.name,
  type: data.includes(":") ? "AAAA" : "A",
  data,
  ttl,
});
const tell = (one: PlayedQuestion, data: string, ttl?: number): Buffer =>
  answerTo(one, { records: isOf(one, data) ? [record(one, data, ttl)] : [] });
/** Whether that was asked for. */
const isOf = (one: PlayedQuestion, data: string): boolean =>
  one.question.subarray(-4, -2).equals(A) !== data.includes(":");

let turn = 0;
const plays: Record<string, Play> = {
  good: (one) => [tell(one, "11.0.0.1")],
  six: (one) => [tell(one, "2a00:2::1")],
  port: (one) => [tell(one, "11.0.0.2")],
  private: (one) => [tell(one, "10.0.0.5")],
  mapped: (one) => [tell(one, "::ffff:10.0.0.5")],
  nat64: (one) => [tell(one, "64:ff9b::a00:5")],
  host: (one) => [tell(one, "11.1.1.2")],
  // First where everybody may go, then where nobody may.
  turns: (one) => [tell(one, (turn += 1) % 2 === 1 ? "11.0.0.3" : "10.0.0.5", 0)],
  alias: (one) => [
    answerTo(one, {
      records: [
        { name: one.name, type: "CNAME", data: "edge.cdn.net" },
        { name: "edge.cdn.net", type: "A", data: "11.0.0.4" },
        { name: "other.org", type: "A", data: "11.0.0.9" },
      ],
    }),
  ],
  circle: (one) => [answerTo(one, { records: [{ name: one.name, type: "CNAME", data: one.name }] })],
  forever: (one) => [tell(one, "11.0.0.5", 2 ** 31)],
  guessed: (one) => [
    ...Array.from({ length: 4 }, (_, n) =>
      answerTo(one, { id: one.id ^ (n + 1), records: [record(one, "11.0.0.9")] }),
    ),
    tell(one, "11.0.0.6"),
  ],
  async elsewhere(one, { back }) {
    const other = createSocket("udp4");
    const reply = tell(one, "11.0.0.9");
    if (back !== null) await new Promise((sent) => other.send(reply, back.port, back.address, sent));
    other.close();
    return [tell(one, "11.0.0.7")];
  },
  cut: (one) => [one.by === "packet" ? answerTo(one, { isTruncated: true }) : tell(one, "11.0.0.8")],
  many(one) {
    if (one.by === "packet") return [answerTo(one, { isTruncated: true })];
    const all = Array.from({ length: 4000 }, (_, n) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 11, 2, n >> 8, n & 255]),
    );
    const answer = Buffer.concat([answerTo(one), ...all]);
    // More than there are.
    answer.writeUInt16BE(10_000, 6);
    return [answer];
  },
  silent: () => [],
};

await using server = await playNameServer(
  (one, by) => plays[one.name.split(".")[0] ?? ""]?.(one, by) ?? [answerTo(one, { rcode: 3 })],
  { address: process.argv[2] ?? "", port: 53 },
);
console.log(`up ${server.port}`);
for await (const _nothing of process.stdin);
