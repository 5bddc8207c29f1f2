import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ApiBench } from "../../server/test/support/api-bench.ts";
import { tempFolder } from "../../server/test/support/temp-folder.ts";
import { until } from "../../server/test/support/until.ts";
import { fromFolder } from "../src/folder/from-folder.ts";
import { Berth, type UploadSource } from "../src/index.ts";
import { nodeHttp } from "../src/transport/node-http.ts";

const MiB = 2 ** 20;

const place = tempFolder();
let api: ApiBench;
let url: string;
beforeAll(async () => {
  api = await ApiBench.open();
  url = await api.listen();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const client = (transport = nodeHttp()): Berth => new Berth({ url, token: api.tokens.ann, transport });

function sourceOf(bytes: Uint8Array): UploadSource {
  return {
    sha256: createHash("sha256").update(bytes).digest("hex"),
    size: bytes.length,
    async *read(from) {
      yield bytes.subarray(from);
    },
  };
}

it("two clients that send one content at once both have it", async () => {
  const source = sourceOf(randomBytes(4 * MiB));
  const both = await Promise.all([1, 2].map(() => client().uploads.create(source)));
  expect(both.map(({ state, sha256 }) => [state, sha256])).toEqual([
    ["complete", source.sha256],
    ["complete", source.sha256],
  ]);
});

it("whoever waits for another's sending of the same content waits for as long as that moves", async () => {
  const bytes = randomBytes(24 * MiB);
  const source = sourceOf(bytes);
  const http = nodeHttp();
  // The other one goes on by a block with each look of this one at how far it is.
  let looks = 0;
  let goOn = (): void => undefined;
  async function* slowly(): AsyncGenerator<Uint8Array, void> {
    for (let sent = 0; sent < bytes.length; sent += MiB) {
      while (looks * MiB < sent) await new Promise<void>((resolve) => (goOn = resolve));
      yield bytes.subarray(sent, sent + MiB);
    }
  }
  const looking: typeof http = (url, outgoing) => {
    if (outgoing.method === "GET") looks += 1;
    goOn();
    return http(url, outgoing);
  };
  const other = client(http).uploads.create({ ...source, read: slowly });
  // Its first block is there: from then on nobody else can be the one who sends.
  await until(
    async () => {
      const begun = await client(http)
        .uploads.get(source.sha256)
        .catch(() => null);
      return (begun?.offset ?? 0) > 0;
    },
    { what: "the other's first block" },
  );
  const impatient = new Berth({
    url: url,
    token: api.tokens.ann,
    transport: looking,
    patience: { followMs: 6_000 },
  });
  expect(await impatient.uploads.create(source)).toMatchObject({ state: "complete" });
  expect(await other).toMatchObject({ state: "complete" });
  expect(looks).toBeGreaterThan(10);
});

it("a folder that changes is not taken from somebody who has sent all of it meanwhile", async () => {
  const folder = join(place.path, "changing");
  mkdirSync(folder);
  writeFileSync(join(folder, "data"), randomBytes(MiB));
  const packed = await fromFolder(folder).pack();
  const bytes = Buffer.concat(await Array.fromAsync(packed.read(0)));
  const change = new BerthError("FOLDER_CHANGED", "Cannot pack folder: it was changed while it was read");
  async function* late(): AsyncGenerator<Uint8Array, void> {
    await client().uploads.create(sourceOf(bytes));
    if (packed.entries > 0) throw change;
    yield bytes;
  }
  const changing = { pack: async () => ({ ...packed, read: late }) };
  await expect(client().uploads.archive(changing)).rejects.toBe(change);
  expect(await client().uploads.get(packed.sha256)).toMatchObject({ state: "complete" });
});
