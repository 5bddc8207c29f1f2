import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { Automaton } from "./automaton.ts";
import { MaskedBlocks } from "./masked-blocks.ts";
import { patternsOf } from "./variants.ts";

/** Pattern by pattern, in the slowest way. */
function naive(patterns: readonly Buffer[], file: Buffer): Buffer {
  const masked = Buffer.from(file);
  for (const pattern of patterns) {
    for (let at = file.indexOf(pattern); at >= 0; at = file.indexOf(pattern, at + 1))
      masked.fill("*", at, at + pattern.length);
  }
  return masked;
}

function maskedOf(value: string | Buffer, output: string | Buffer): string {
  const bytes = Buffer.from(output);
  new Automaton(patternsOf([Buffer.from(value)])).mask(bytes);
  return bytes.toString();
}

const fileOf = (file: Buffer) => ({
  read: async (into: Buffer, offset: number): Promise<void> => void file.copy(into, 0, offset),
  close: () => undefined,
});

it("finds what a search for each pattern finds, and says what of the end begins one", () => {
  const random = randomFrom(7);
  for (let round = 0; round < 1500; round += 1) {
    const word = (least: number, more: number): Buffer =>
      Buffer.from(Array.from({ length: least + random.below(more) }, () => 97 + random.below(3)));
    const patterns = Array.from({ length: 1 + random.below(9) }, () => word(2, 6));
    const file = word(5, 60);
    const bytes = Buffer.from(file);
    const pending = new Automaton(patterns).mask(bytes);
    expect(bytes).toEqual(naive(patterns, file));
    const begun = patterns.flatMap((pattern) =>
      Array.from(pattern.keys()).filter((n) => file.subarray(-n).equals(pattern.subarray(0, n)) && n > 0),
    );
    // A whole pattern at the end may begin another one too.
    expect(pending).toBeGreaterThanOrEqual(Math.max(0, ...begun.filter((n) => n <= file.length)));
  }
});

it("ABUSE 16: shows every reader the same, from wherever it reads, while the file grows in whatever steps", async () => {
  const random = randomFrom(11);
  const below = (most: number): number => (most > 0 ? random.below(most) : 0);
  for (let round = 0; round < 1500; round += 1) {
    const word = (n: number): Buffer => Buffer.from(Array.from({ length: n }, () => 97 + below(2)));
    const patterns = Array.from({ length: 1 + below(4) }, () => word(2 + below(6)));
    const file = word(5 + below(60));
    const from = below(file.length);
    const reader = new MaskedBlocks(new Automaton(patterns), fileOf(file));
    let end = Math.max(from, below(file.length + 1));
    let position = from;
    const seen: Uint8Array[] = [];
    while (position < file.length) {
      const chunk = reader.take(position, 1 + below(9));
      if (chunk !== null && chunk.data.length > 0) {
        seen.push(Buffer.from(chunk.data));
        position += chunk.data.length;
        continue;
      }
      await reader.load(position, end - position, { isLast: end === file.length });
      if (reader.take(position, 1) === null) end = Math.min(file.length, end + 1 + below(7));
    }
    expect(Buffer.concat(seen)).toEqual(naive(patterns, file).subarray(from));
  }
});

it("shows what is overdue, but nothing of a secret that is more than next to nothing", async () => {
  const shown = async (text: string): Promise<string> => {
    const reader = new MaskedBlocks(new Automaton([Buffer.from("correct-horse")]), fileOf(Buffer.from(text)));
    await reader.load(0, text.length, { isLast: false, isOverdue: true });
    return Buffer.from(reader.take(0, 99)?.data ?? []).toString();
  };
  expect([await shown("so cor"), await shown("so corr"), await shown("so correct-hors")]).toEqual([
    "so cor",
    "so ****",
    "so ************",
  ]);
});

const secret = "pä$s/w+ord\"\\n9(x)'<é>";
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const forms: Record<string, (text: string) => string> = {
  "as it is": (text) => text,
  "base64 of it alone": base64,
  "base64, one byte after another text": (text) => base64(`k${text}tail`),
  "base64, two bytes after": (text) => base64(`ke${text}t`),
  "base64, three bytes after": (text) => base64(`key${text}`),
  "base64 of a URL": (text) => Buffer.from(`k${text}`).toString("base64url"),
  "a URL": encodeURIComponent,
  "a URL in small letters": (text) => encodeURIComponent(text).replace(/%../g, (one) => one.toLowerCase()),
  "a form": (text) => new URLSearchParams({ a: text }).toString().slice(2),
  JSON: (text) => JSON.stringify(text).slice(1, -1),
};

it.each(Object.entries(forms))("ABUSE 16: masks a secret that is written as %s", (_, form) => {
  for (let before = 0; before < 9; before += 1) {
    const written = `${"a".repeat(before)}${form(secret)}zz`;
    const masked = maskedOf(secret, written);
    // Of base64 the letters at both ends are made of what stands beside the secret too.
    expect(masked).toMatch(/^a*[\w+/-]{0,3}\*{20,}[\w+/=-]{0,8}zz$/);
    expect(Buffer.byteLength(masked)).toBe(Buffer.byteLength(written));
  }
});

it.each([
  [
    "Python",
    "python3",
    [
      "-c",
      "import json,sys,urllib.parse as u; s=sys.argv[1]; print(json.dumps(s)); print(u.quote(s)); print(u.quote_plus(s)); print(u.quote(s,safe=''))",
    ],
  ],
  [
    "a shell",
    "sh",
    ["-c", 'printf "%s" "$0" | base64; printf "%s\\n" "$0" | base64; printf "ab%s" "$0" | base64 -w0'],
  ],
])("masks what %s makes of it", (_, program, argv) => {
  const long = `${secret} ${"and on and on, ".repeat(9)}`;
  for (const value of [secret, long]) {
    const output = execFileSync(program, [...argv, value], { encoding: "utf8" });
    const left = maskedOf(value, output).replaceAll("*", "");
    expect(left.replace(/[^A-Za-z0-9]/g, "").length).toBeLessThan(16);
  }
});

it("masks each line of a key, and the key in one piece, however it is wrapped", () => {
  const body = base64("0123456789abcdef".repeat(30)).replace(/.{64}/g, "$&\n");
  const pem = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
  expect(maskedOf(pem, pem).replace(/[*\n]/g, "")).toBe("");
  expect(maskedOf(pem, pem.replaceAll("\n", "\r\n")).replace(/[*\r\n]/g, "")).toBe("");
  expect(maskedOf(pem, base64(pem)).replace(/\*/g, "").length).toBeLessThan(4);
  for (const width of [64, 76])
    expect(
      maskedOf(pem, base64(pem).replace(new RegExp(`.{${width}}`, "g"), "$&\n")).replace(/[*\n=]/g, "")
        .length,
    ).toBeLessThan(4);
  expect(maskedOf(pem, JSON.stringify({ pem })).replace(/\*/g, "")).toBe('{"pem":"\\n"}');
});

it("leaves short values and what is no secret alone, and takes bytes that are no text", () => {
  expect(patternsOf([Buffer.from("short"), Buffer.from("pin\n\n\n\n")])).toEqual([]);
  expect(maskedOf("correct-horse", "correct horse, correct-hors")).toBe("correct horse, correct-hors");
  const bytes = Buffer.from([0xff, 0xfe, 0, 1, 2, 3, 0x80]);
  expect(maskedOf(bytes, Buffer.concat([Buffer.from("<"), bytes, Buffer.from(">")]))).toBe("<*******>");
});

it("looks for the most that a job can have in little memory", () => {
  const random = randomFrom(3);
  const values = Array.from({ length: 64 }, () =>
    Buffer.from(Array.from({ length: 512 }, () => random.below(256))),
  );
  const automaton = new Automaton(patternsOf(values));
  expect(automaton.bytes).toBeLessThan(32 * 2 ** 20);
  const output = Buffer.concat(values);
  automaton.mask(output);
  expect(output.every((byte) => byte === 0x2a)).toBe(true);
});
