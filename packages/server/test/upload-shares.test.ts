import { randomBytes } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";
import { until } from "./support/until.ts";
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

describe("the share of a principal", () => {
  const zeros = "0".repeat(64);
  const share = 2 ** 30;

  /** Sets so much of ann's share aside. */
  async function take(bytes: number): Promise<void> {
    const headers = { "upload-length": String(bytes), "upload-complete": "?0" };
    expect((await send(`POST ?sha256=${zeros}`, { body: new Uint8Array(1), headers })).status).toBe(201);
  }

  it("bounds what is said to come, before a byte of it", async () => {
    const headers = { "upload-length": String(share + 1) };
    const refused = await send(`POST ?sha256=${zeros}`, { body: new Uint8Array(1), headers });
    expect([refused.status, refused.body.code]).toEqual([413, "UPLOAD_TOO_LARGE"]);
    expect(await sender.files()).toEqual([]);
  });

  it("counts what has been set aside for others of its uploads, and of nobody else", async () => {
    await take(share - MiB - 100);
    expect((await send("POST ", { body: new Uint8Array(MiB + 101) })).body.code).toBe("UPLOAD_TOO_LARGE");
    expect((await send("POST ", { body: new Uint8Array(MiB + 101), as: "bob" })).status).toBe(201);
    expect((await send(`DELETE /${zeros}`)).status).toBe(204);
    expect((await send("POST ", { body: new Uint8Array(MiB + 101) })).status).toBe(201);
  });

  it("is not free for tiny ones, and says what is left of it and nothing of others", async () => {
    await send("POST ", { body: new Uint8Array(5 * MiB), as: "bob" });
    await take(share - 2 * MiB);
    for (const text of ["a", "b"])
      expect((await send("POST ", { body: Buffer.from(text) })).status).toBe(201);
    const refused = await send("POST ", { body: Buffer.from("c") });
    expect(refused.body).toMatchObject({
      code: "UPLOAD_TOO_LARGE",
      message: expect.stringMatching(
        /^Cannot take upload "\S+": it needs 1 MiB more, and 0 B are left of the 1 GiB that uploads of "ann" may take$/,
      ) as string,
    });
  });

  it("is used to its end by an upload that does not say its length", async () => {
    await take(share - 3 * MiB);
    const bytes = randomBytes(3 * MiB);
    const fits = await send(`POST ?sha256=${hashOf(bytes)}`, { body: streamOf(bytes) });
    expect(fits.body.state).toBe("complete");
    expect((await send("POST ", { body: streamOf(randomBytes(MiB)) })).body.code).toBe("UPLOAD_TOO_LARGE");
  });

  it("is of no more than some uploads at once", async () => {
    const gate = Promise.withResolvers<void>();
    const names = Array.from({ length: 16 }, (_, n) => n.toString(16).repeat(64));
    const sent = names.map((name) =>
      send(`POST ?sha256=${name}`, {
        body: new ReadableStream({
          async start(controller) {
            controller.enqueue(new Uint8Array(MiB));
            await gate.promise;
            controller.close();
          },
        }),
      }),
    );
    await until(async () => (await send("GET ")).body.items.length === names.length, {
      what: "all to begin",
    });
    const refused = await send("POST ", { body: new Uint8Array(1) });
    expect([refused.status, refused.body.code]).toEqual([429, "TOO_MANY_OPEN"]);
    gate.resolve();
    expect((await Promise.all(sent)).map(({ body }) => body.code)).toEqual(
      names.map(() => "UPLOAD_MISMATCH"),
    );
  });
});

it("says what the system refuses", async () => {
  const uploads = join(api.context.uploads.files.pathOf("0".repeat(64)), "../..");
  await send("POST ", { body: new Uint8Array(1) });
  renameSync(uploads, `${uploads}.away`);
  writeFileSync(uploads, "no folder");
  try {
    const refused = await send("POST ", { body: new Uint8Array(2) });
    expect([refused.status, refused.body.code]).toEqual([507, "STORAGE_FAILED"]);
    expect(await api.context.store.uploads.usage("ann", 1)).toEqual({ own: 1, all: 1 });
  } finally {
    rmSync(uploads);
    renameSync(`${uploads}.away`, uploads);
  }
});
