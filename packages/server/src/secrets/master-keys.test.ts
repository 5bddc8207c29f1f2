import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../test/support/temp-folder.ts";
import { HiddenText } from "../core/secrets/hidden-text.ts";
import { MasterKeys } from "./master-keys.ts";

const lineOf = (id: string, byte: number): string => `${id}:${Buffer.alloc(32, byte).toString("base64")}`;
const invalid = (why: string) => ({
  code: "SETTINGS_INVALID",
  message: expect.stringContaining(why) as string,
});

it("makes its own file with the first key, for its owner alone, and puts the next before it", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "secret-keys");
  const keys = new MasterKeys({ kind: "own-file", path });
  expect(existsSync(path)).toBe(false);
  const [first, same] = await Promise.all([keys.current(), keys.current()]);
  expect([same.id, statSync(path).mode & 0o777, first.key.length]).toEqual([first.id, 0o600, 32]);
  const next = await keys.next();
  expect(next.id).not.toBe(first.id);
  expect(
    readFileSync(path, "utf8")
      .split("\n")
      .map((line) => line.split(":")[0]),
  ).toEqual([next.id, first.id, ""]);
  const anew = new MasterKeys({ kind: "own-file", path });
  expect([await anew.current(), await anew.find(first.id)]).toEqual([next, first]);
  await expect(anew.find("k-none")).rejects.toMatchObject({
    code: "SECRET_KEY_MISSING",
    message: 'Cannot open a secret: its master key "k-none" is not there',
  });
});

it("takes a file of the operator's, reads it again at a rotation, and finds a key that was put back", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "keys");
  const keys = new MasterKeys({ kind: "file", path });
  await expect(keys.current()).rejects.toMatchObject(invalid("it cannot be read"));
  writeFileSync(path, `# ours\n\n${lineOf("a", 1)}\r\n`);
  expect((await keys.current()).id).toBe("a");
  writeFileSync(path, `${lineOf("b", 2)}\n${lineOf("a", 1)}\n`);
  expect((await keys.current()).id).toBe("a");
  expect([(await keys.next()).id, (await keys.current()).id]).toEqual(["b", "b"]);
  writeFileSync(path, `${lineOf("b", 2)}\n${lineOf("c", 3)}\n`);
  expect((await keys.find("c")).key).toEqual(Buffer.alloc(32, 3));
  rmSync(path);
  await expect(keys.find("d")).rejects.toMatchObject(invalid("it cannot be read"));
});

it("takes them from a text, which shows itself nowhere", async () => {
  const text = new HiddenText(`${lineOf("a", 1)},${lineOf("b", 2)}`);
  const keys = new MasterKeys({ kind: "text", text });
  expect([(await keys.current()).id, (await keys.find("b")).id]).toEqual(["a", "b"]);
  expect(`${JSON.stringify({ text })} ${String(text)}`).toBe('{"text":"[secret]"} [secret]');
});

it.each([
  ["", "it holds no key"],
  ["secret-without-an-id", "line 1 is not ID:KEY"],
  [`${lineOf("a", 1)}\na:c2hvcnQ=`, "line 2 is not ID:KEY"],
  [`${lineOf("a", 1)}\n${lineOf("a", 2)}`, 'it has two keys "a"'],
])("says what is wrong with %j, and shows no key", async (text, why) => {
  const error: unknown = await new MasterKeys({ kind: "text", text: new HiddenText(text) })
    .current()
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject(invalid(why));
  expect(String(error)).not.toMatch(/secret-without|c2hvcnQ|AQEB/);
});
