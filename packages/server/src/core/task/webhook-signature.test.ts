import { createHmac, randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { keyOf, keysIn, verify } from "./webhook-signature.ts";

const now = Date.parse("2026-03-01T12:00:00.000Z");
const raw = randomBytes(32);
const text = `whsec_${raw.toString("base64")}`;
const keys = keysIn("standard", new Map([["key", Buffer.from(text)]]));
const body = Buffer.from('{"n":1}\n');
const at = (ms: number): string => String(Math.floor(ms / 1000));

/** As the library of those who send signs it. */
const signed = (ms = now, sent = body, secret = text): Record<string, string> => ({
  "webhook-id": "msg_1",
  "webhook-timestamp": at(ms),
  "webhook-signature": new Webhook(secret).sign("msg_1", new Date(ms), sent.toString("utf8")),
});
const judged = (headers: Record<string, string | string[]>, sent: Uint8Array = body) =>
  verify({ headers, body: sent }, { signature: "standard", keys, now });

describe("a call signed as Standard Webhooks have it", () => {
  it("is good, by the library's own hand, and told apart by its id", async () => {
    expect(await judged(signed())).toEqual({ message: "msg_1" });
  });

  it("is good by each of the keys, and with signatures of others beside it", async () => {
    const other = `whsec_${randomBytes(24).toString("base64")}`;
    const both = keysIn(
      "standard",
      new Map([
        ["old", Buffer.from(other)],
        ["new", Buffer.from(text)],
      ]),
    );
    for (const secret of [other, text])
      expect(
        await verify(
          { headers: signed(now, body, secret), body },
          { signature: "standard", keys: both, now },
        ),
      ).toEqual({
        message: "msg_1",
      });
    const { "webhook-signature": one = "" } = signed();
    expect(await judged({ ...signed(), "webhook-signature": `v1a,AAAA v1,bm8= ${one}` })).not.toBeNull();
  });

  it("is held to five minutes, either way", async () => {
    for (const [ms, isGood] of [
      [now - 300_000, true],
      [now - 301_000, false],
      [now + 300_000, true],
      [now + 301_000, false],
    ] as const)
      expect([ms, (await judged(signed(ms))) !== null]).toEqual([ms, isGood]);
  });

  it.each([
    ["another body", signed(), Buffer.from('{"n":2}\n')],
    ["another id", { ...signed(), "webhook-id": "msg_2" }, body],
    ["another time", { ...signed(), "webhook-timestamp": at(now + 1000) }, body],
    ["another secret", signed(now, body, `whsec_${randomBytes(32).toString("base64")}`), body],
    ["no id", { ...signed(), "webhook-id": "" }, body],
    ["an id of 257 characters", { ...signed(), "webhook-id": "m".repeat(257) }, body],
    ["a time that is none", { ...signed(), "webhook-timestamp": "now" }, body],
    ["a time with a sign", { ...signed(), "webhook-timestamp": `+${at(now)}` }, body],
    ["a header that came twice", { ...signed(), "webhook-id": ["msg_1", "msg_1"] }, body],
    ["no signature", { "webhook-id": "msg_1", "webhook-timestamp": at(now) }, body],
    [
      "a signature cut short",
      { ...signed(), "webhook-signature": signed()["webhook-signature"]?.slice(0, 20) ?? "" },
      body,
    ],
    [
      "the signature behind eight others",
      { ...signed(), "webhook-signature": `${"v1,AAAA ".repeat(8)}${signed()["webhook-signature"]}` },
      body,
    ],
    [
      "the other kind's header",
      { "x-hook-signature": createHmac("sha512", raw).update(body).digest("hex") },
      body,
    ],
  ])("is refused with %s", async (_, headers, sent) => {
    expect(await judged(headers, sent)).toBeNull();
  });

  it("is refused where there is no key at all", async () => {
    expect(await verify({ headers: signed(), body }, { signature: "standard", keys: [], now })).toBeNull();
  });

  it("lets others have their turns while it is tried, however long it is and however many keys there are", async () => {
    let turns = 0;
    let turn = setImmediate(function next() {
      turns += 1;
      turn = setImmediate(next);
    });
    const many = Array.from({ length: 50 }, () => randomBytes(32));
    const long = Buffer.alloc(2 ** 20, 32);
    const call = { headers: signed(now, long), body: long };
    expect(await verify(call, { signature: "standard", keys: many, now })).toBeNull();
    clearImmediate(turn);
    expect(turns).toBeGreaterThanOrEqual(many.length);
  });
});

describe("a call signed by the HMAC-SHA512 of its body", () => {
  const key = Buffer.from("a shared secret of two");
  const hex = createHmac("sha512", key).update(body).digest("hex");
  const judge = (shown: string, sent: Uint8Array = body) =>
    verify({ headers: { "x-hook-signature": shown }, body: sent }, { signature: "sha512", keys: [key], now });

  it("is good in either case of the letters, and nothing tells it from the same call again", async () => {
    expect([await judge(hex), await judge(hex.toUpperCase())]).toEqual([
      { message: null },
      { message: null },
    ]);
  });

  it("is refused with another body, a part of it, or what is no hex", async () => {
    const shown = [judge(hex, Buffer.from("x")), judge(hex.slice(2)), judge(`${hex.slice(2)}zz`), judge("")];
    expect(await Promise.all(shown)).toEqual(Array(4).fill(null));
  });
});

it("takes a secret as the libraries do, and none that could be found by trying", () => {
  const of = (value: string) => keyOf("standard", Buffer.from(value))?.length ?? null;
  expect([of(text), of(raw.toString("base64")), of(`${text}\n`)]).toEqual([32, 32, 32]);
  expect([of("whsec_"), of("not base64!"), of(`whsec_${randomBytes(23).toString("base64")}`)]).toEqual([
    null,
    null,
    null,
  ]);
  expect([keyOf("sha512", Buffer.alloc(15)), keyOf("sha512", Buffer.alloc(16))?.length]).toEqual([null, 16]);
});
