import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";
import { hashOf, streamOf, type UploadSender, uploadSender } from "./support/upload-sender.ts";

const MiB = 2 ** 20;

let api: ApiBench;
let sender: UploadSender;
let send: UploadSender["send"];
beforeAll(async () => {
  api = await ApiBench.open();
  sender = uploadSender(api, await api.listen());
  ({ send } = sender);
});
afterAll(() => api[Symbol.asyncDispose]());
afterEach(() => sender.removeAll());

it("an upload without a name that does not come whole is refused, and takes nothing of the share", async () => {
  const bytes = randomBytes(100);
  const tooLong = { "upload-length": "101" };
  for (const [field, headers] of [
    ["Upload-Complete", { "upload-complete": "?0" }],
    ["Upload-Length", tooLong],
  ] as const) {
    const refused = await send("POST ", { body: bytes, headers });
    expect(refused.body).toMatchObject({ code: "REQUEST_INVALID", problems: [{ field }] });
  }
  const short = await send("POST ", { body: streamOf(bytes), headers: tooLong });
  expect([short.status, short.body.code]).toEqual([422, "UPLOAD_MISMATCH"]);
  expect(await api.context.store.uploads.usage("ann", 1)).toMatchObject({ own: 0, all: 0 });
  expect(await sender.files()).toEqual([]);
});

it("an upload may be of any type, and larger than a request in JSON", async () => {
  const bytes = randomBytes(MiB);
  const headers = { "content-type": "application/json" };
  const sent = await send("POST ", { body: bytes, headers });
  expect(sent.body).toMatchObject({ sha256: hashOf(bytes), state: "complete" });
});

it("an upload that is packed on its way is refused: it would be kept under the hash of something else", async () => {
  const packed = await send("POST ", { body: randomBytes(10), headers: { "content-encoding": "gzip" } });
  expect(packed.body).toMatchObject({
    code: "MEDIA_TYPE_UNSUPPORTED",
    message: expect.stringContaining('content encoding "gzip"') as unknown,
  });
  expect(await sender.files()).toEqual([]);
});

it("a part may be deleted by somebody who does not know that it is whole by now: then it stays", async () => {
  const bytes = randomBytes(100);
  const path = `/${hashOf(bytes)}`;
  const begin = () =>
    send(`POST ?sha256=${hashOf(bytes)}`, {
      body: bytes.subarray(0, 50),
      headers: { "upload-complete": "?0" },
    });
  await begin();
  expect((await send(`DELETE ${path}?unfinished=true`)).status).toBe(204);
  expect((await send(`GET ${path}`)).body.code).toBe("UPLOAD_NOT_FOUND");
  await begin();
  await send(`PATCH ${path}`, { body: bytes.subarray(50), headers: { "upload-offset": "50" } });
  expect((await send(`DELETE ${path}?unfinished=true`)).body.code).toBe("UPLOAD_NOT_FOUND");
  expect((await send(`GET ${path}`)).body).toMatchObject({ state: "complete" });
  expect((await send(`DELETE ${path}`)).status).toBe(204);
});

describe("a request in the middle of an upload", () => {
  let bytes: Buffer;
  let path: string;
  beforeEach(async () => {
    bytes = randomBytes(3 * MiB);
    path = `/${hashOf(bytes)}`;
    await send(`POST ?sha256=${hashOf(bytes)}`, {
      body: bytes.subarray(0, MiB),
      headers: { "upload-complete": "?0" },
    });
  });
  const from = (offset: number) => ({ "upload-offset": String(offset) });

  it.each([
    ["with a length", (piece: Uint8Array) => piece],
    ["without a length", streamOf],
  ])("%s that does not say that more comes takes nothing of what was there", async (_how, bodyOf) => {
    const piece = bytes.subarray(MiB, 2 * MiB);
    const wrong = await send(`PATCH ${path}`, { body: bodyOf(piece), headers: from(MiB) });
    expect([wrong.status, wrong.body.code]).toEqual([422, "UPLOAD_MISMATCH"]);
    expect((await send(`GET ${path}`)).body).toMatchObject({ offset: MiB, length: null });
    const rest = await send(`PATCH ${path}`, { body: bytes.subarray(MiB), headers: from(MiB) });
    expect(rest.body.state).toBe("complete");
  });

  it("that goes beyond the length that was said takes nothing of what was there", async () => {
    const headers = { "upload-length": String(bytes.length), "upload-complete": "?0" };
    await send(`PATCH ${path}`, { body: new Uint8Array(), headers: { ...from(MiB), ...headers } });
    const body = streamOf(Buffer.concat([bytes.subarray(MiB), Buffer.from("x")]));
    const wrong = await send(`PATCH ${path}`, { body, headers: from(MiB) });
    expect(wrong.body.code).toBe("UPLOAD_MISMATCH");
    expect((await send(`GET ${path}`)).body).toMatchObject({ offset: MiB, length: bytes.length });
  });

  it("that brings the last byte of something else leaves nothing", async () => {
    const headers = { ...from(MiB), "upload-length": String(bytes.length) };
    const wrong = await send(`PATCH ${path}`, { body: randomBytes(2 * MiB), headers });
    expect(wrong.body.code).toBe("UPLOAD_MISMATCH");
    expect((await send(`GET ${path}`)).status).toBe(404);
    expect(await sender.files()).toEqual([]);
  });
});
