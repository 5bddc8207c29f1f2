import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";
import { until } from "./support/until.ts";
import { hashOf, streamOf, type UploadSender, uploadSender } from "./support/upload-sender.ts";

/** Cuts of one upload: some here; the whole run by hand does 100. */
const cuts = Number(process.env["BERTH_TEST_ROUNDS"] ?? 12);
const MiB = 2 ** 20;

let api: ApiBench;
let url: string;
let sender: UploadSender;
let send: UploadSender["send"];
beforeAll(async () => {
  api = await ApiBench.open();
  url = await api.listen();
  sender = uploadSender(api, url);
  ({ send } = sender);
});
afterAll(() => api[Symbol.asyncDispose]());

/** Says that so much will come, sends less of it, and goes away. */
async function sendAndCut(
  what: string,
  part: Uint8Array,
  headers: Record<string, string>,
  isThere = () => Promise.resolve(true),
): Promise<void> {
  const [method = "", path = ""] = what.split(" ");
  const sent = request(`${url}/api/v1/uploads${path}`, {
    method,
    headers: { authorization: `Bearer ${api.tokens.ann}`, ...headers },
  });
  sent.on("error", () => undefined);
  sent.write(part);
  await until(async () => sent.socket?.writableLength === 0 && sent.writableLength === 0, {
    what: "sending a part",
  });
  await until(isThere, { what: "the server's taking it in" });
  const closed = new Promise((resolve) => sent.once("close", resolve));
  sent.destroy();
  await closed;
}

/** How far an upload is, when the request that was cut is over. */
async function restingOffset(sha256: string): Promise<number> {
  let offset = 0;
  await until(
    async () => {
      const probe = await send(`PATCH /${sha256}`, {
        headers: { "upload-offset": String(2 ** 40) },
        body: new Uint8Array(),
      });
      offset = (await send(`GET /${sha256}`)).body.offset;
      return probe.body.code === "UPLOAD_OFFSET";
    },
    { what: "the end of a request that was cut" },
  );
  return offset;
}

describe("an upload", () => {
  let bytes: Buffer;
  let sha256: string;
  beforeEach(() => {
    bytes = randomBytes(2 * MiB + 17);
    sha256 = hashOf(bytes);
  });

  it("is named by its hash, is its owner's alone, and can be deleted", async () => {
    const sent = await send("POST ", { body: bytes });
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({ sha256, state: "complete", offset: bytes.length, owner: "ann" });
    expect((await send(`GET /${sha256}`)).body).toEqual(sent.body);
    expect((await send(`GET /${sha256}`, { as: "root" })).body.owner).toBe("ann");
    for (const method of ["GET", "DELETE", "PATCH"])
      expect(
        (await send(`${method} /${sha256}`, { as: "bob", headers: { "upload-offset": "0" } })).body.code,
      ).toBe("UPLOAD_NOT_FOUND");
    expect((await send("GET ")).body.items).toEqual([sent.body]);
    expect((await send("GET ", { as: "bob" })).body.items).toEqual([]);
    expect((await send(`DELETE /${sha256}`)).status).toBe(204);
    expect((await send(`GET /${sha256}`)).status).toBe(404);
    expect(await api.context.uploads.files.open(sha256)).toBeNull();
  });

  it("is kept byte for byte, and told of at once when it is sent again", async () => {
    await send(`POST ?sha256=${sha256}`, { body: bytes });
    const before = (await send(`GET /${sha256}`)).body;
    expect((await send(`POST ?sha256=${sha256}`, { body: bytes })).body).toEqual({
      ...before,
      usedAt: expect.any(String) as string,
    });
    await using file = await api.context.uploads.files.open(sha256);
    expect(hashOf((await file?.readFile()) ?? new Uint8Array())).toBe(sha256);
  });

  it("may have no length that anybody said, and no bytes", async () => {
    expect((await send("POST ", { body: streamOf(bytes) })).body).toMatchObject({
      sha256,
      length: bytes.length,
    });
    expect((await send("POST ", { body: new Uint8Array() })).body).toMatchObject({
      sha256: hashOf(new Uint8Array()),
      state: "complete",
    });
  });

  it(`is whole when it was cut ${cuts} times and gone on with`, async () => {
    // Of a request that is cut before it is read nothing is left: the first is cut once a block of it is on disk.
    const begun = 1.5 * MiB;
    const piece = Math.floor((bytes.length - begun) / (cuts + 1));
    const length = { "upload-length": String(bytes.length), "content-length": String(bytes.length) };
    const isOnDisk = async () => (await send(`GET /${sha256}`)).body.offset >= MiB;
    await sendAndCut(`POST ?sha256=${sha256}`, bytes.subarray(0, begun), length, isOnDisk);
    for (let cut = 1; cut < cuts; cut += 1) {
      const offset = await restingOffset(sha256);
      const rest = { "content-length": String(bytes.length - offset), "upload-offset": String(offset) };
      await sendAndCut(`PATCH /${sha256}`, bytes.subarray(offset, offset + piece), rest);
    }
    const offset = await restingOffset(sha256);
    expect(offset).toBeGreaterThanOrEqual(MiB);
    expect(offset).toBeLessThan(bytes.length);
    const last = await send(`PATCH /${sha256}`, {
      body: bytes.subarray(offset),
      headers: { "upload-offset": String(offset) },
    });
    expect(last.body).toMatchObject({ state: "complete", sha256 });
  });

  it("goes on in pieces where its length was said at first, and holds on to that length", async () => {
    const length = { "upload-length": String(bytes.length) };
    const more = { ...length, "upload-complete": "?0" };
    await send(`POST ?sha256=${sha256}`, { body: bytes.subarray(0, MiB), headers: more });
    const next = { "upload-offset": String(MiB) };
    for (const wrong of [String(bytes.length + 1), String(MiB)]) {
      const said = { ...next, "upload-length": wrong };
      const refused = await send(`PATCH /${sha256}`, { body: bytes.subarray(MiB), headers: said });
      expect([refused.status, refused.body.code]).toEqual([400, "REQUEST_INVALID"]);
    }
    const second = await send(`PATCH /${sha256}`, { body: bytes.subarray(MiB, 2 * MiB), headers: next });
    expect(second.body).toMatchObject({ state: "receiving", offset: 2 * MiB, length: bytes.length });
    const rest = { "upload-offset": String(2 * MiB) };
    const last = await send(`PATCH /${sha256}`, { body: bytes.subarray(2 * MiB), headers: rest });
    expect(last.body.state).toBe("complete");
  });

  it("is kept for longer when it is sent again", async () => {
    await send(`POST ?sha256=${sha256}`, { body: bytes });
    await api.context.store.uploads.touch({ owner: "ann", name: sha256 }, 1000);
    const again = await send(`POST ?sha256=${sha256}`, { body: bytes });
    expect(Date.parse(again.body.usedAt)).toBeGreaterThan(1000);
    expect((await send(`GET /${sha256}`)).body).toEqual(again.body);
  });

  it("is taken once more where its content was lost", async () => {
    await send(`POST ?sha256=${sha256}`, { body: bytes });
    await api.context.uploads.files.removeContent(sha256);
    expect((await send(`GET /${sha256}`)).status).toBe(404);
    const again = await send(`POST ?sha256=${sha256}`, { body: bytes });
    expect(again.body).toMatchObject({ state: "complete", offset: bytes.length });
    expect(await api.context.uploads.files.holds(sha256)).toBe(true);
  });

  it("comes in several requests where the first say that there is more", async () => {
    const more = { "upload-complete": "?0" };
    const first = await send(`POST ?sha256=${sha256}`, { body: bytes.subarray(0, MiB), headers: more });
    expect(first.body).toMatchObject({ state: "receiving", offset: MiB, length: null });
    expect(first.headers.get("upload-offset")).toBe(String(MiB));
    expect(first.headers.get("upload-complete")).toBe("?0");
    const last = await send(`PATCH /${sha256}`, {
      body: bytes.subarray(MiB),
      headers: { "upload-offset": String(MiB) },
    });
    expect(last.body.state).toBe("complete");
  });

  it("is refused from an offset where it is not", async () => {
    await send(`POST ?sha256=${sha256}`, {
      body: bytes.subarray(0, 10),
      headers: { "upload-complete": "?0" },
    });
    for (const offset of ["9", "11"]) {
      const wrong = await send(`PATCH /${sha256}`, { body: bytes, headers: { "upload-offset": offset } });
      expect([wrong.status, wrong.body.code]).toEqual([409, "UPLOAD_OFFSET"]);
    }
    expect((await send(`PATCH /${sha256}`, { body: bytes })).body.code).toBe("REQUEST_INVALID");
  });

  it("leaves nothing where it is not what was said, or was cut without a name", async () => {
    const other = hashOf(Buffer.from("other"));
    const wrong = await send(`POST ?sha256=${other}`, { body: bytes });
    expect([wrong.status, wrong.body.code]).toEqual([422, "UPLOAD_MISMATCH"]);
    expect((await send(`GET /${other}`)).status).toBe(404);
    const taken = async () => (await api.context.store.uploads.usage("ann", 1)).all;
    const length = { "content-length": String(bytes.length) };
    await sendAndCut("POST ", bytes.subarray(0, MiB), length, async () => (await taken()) > 0);
    await until(async () => (await taken()) === 0, { what: "the removal of what was cut" });
    await until(async () => (await sender.files()).length === 0, { what: "the removal of its file" });
  });
});

afterEach(() => sender.removeAll());

describe("one content of two senders", () => {
  let bytes: Buffer;
  let sha256: string;
  beforeEach(() => {
    bytes = randomBytes(2 * MiB);
    sha256 = hashOf(bytes);
  });

  it("comes whole from both at once, lies there once, and stays for one when the other deletes it", async () => {
    const both = await Promise.all(
      (["ann", "bob"] as const).map((as) => send(`POST ?sha256=${sha256}`, { body: bytes, as })),
    );
    expect(both.map(({ body }) => body.state)).toEqual(["complete", "complete"]);
    expect(await sender.files()).toEqual([sha256]);
    expect((await send(`DELETE /${sha256}`)).status).toBe(204);
    expect((await send(`GET /${sha256}`, { as: "bob" })).status).toBe(200);
    expect(await sender.files()).toEqual([sha256]);
  });

  it("is not given to whoever knows its hash alone", async () => {
    await send(`POST ?sha256=${sha256}`, { body: bytes });
    const guess = await send(`POST ?sha256=${sha256}`, { body: Buffer.from("guess"), as: "bob" });
    expect(guess.body.code).toBe("UPLOAD_MISMATCH");
    expect((await send(`GET /${sha256}`, { as: "bob" })).status).toBe(404);
  });

  it("is refused to the second request of one owner while the first sends", async () => {
    const gate = Promise.withResolvers<void>();
    const slow = new ReadableStream({
      async start(controller) {
        controller.enqueue(bytes.subarray(0, MiB));
        await gate.promise;
        controller.enqueue(bytes.subarray(MiB));
        controller.close();
      },
    });
    const first = send(`POST ?sha256=${sha256}`, { body: slow });
    await until(async () => (await send(`GET /${sha256}`)).body.offset === MiB, { what: "the first MiB" });
    expect((await send(`POST ?sha256=${sha256}`, { body: bytes })).body.code).toBe("UPLOAD_BUSY");
    expect((await send(`DELETE /${sha256}`)).body.code).toBe("UPLOAD_BUSY");
    // Nor does one that says no hash get past it.
    expect((await send("POST ", { body: bytes })).body.code).toBe("UPLOAD_BUSY");
    gate.resolve();
    expect((await first).body.state).toBe("complete");
    expect(await sender.files()).toEqual([sha256]);
  });
});
