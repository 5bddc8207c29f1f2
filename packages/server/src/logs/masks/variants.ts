import { isUtf8 } from "node:buffer";
import { secretBounds } from "@berth/protocol";

/*
 * The forms in which a value may stand in output by no other doing than being printed: as it is, as base64, escaped for a URL,
 * for JSON or for a shell. Bytes, as a form of text may be other bytes than its characters suggest.
 */

/** The longest pattern: longer forms are looked for in pieces. It is the width at which `base64` breaks its lines. */
const PIECE = 76;
/** The width of `openssl base64` and of PEM. */
const PEM = 64;

/** What is to be looked for so that none of these values is shown. What is shorter than the bound is not looked for. */
export function patternsOf(values: Iterable<Uint8Array>): Buffer[] {
  const found = new Map<string, Buffer>();
  const add = (form: Buffer): void => {
    if (form.length >= secretBounds.shortest) found.set(form.toString("latin1"), form);
  };
  for (const value of values) {
    const bytes = withoutEnd(value);
    if (bytes.length < secretBounds.shortest) continue;
    for (const form of formsOf(bytes)) for (const piece of piecesOf(form, PIECE)) add(piece);
    for (const width of [PIECE, PEM]) for (const line of brokenAt(width, base64Of(bytes)[0] ?? "")) add(line);
    for (const line of linesOf(bytes)) for (const piece of piecesOf(line, PIECE)) add(piece);
  }
  return [...found.values()];
}

/** A file ends with a line feed that whoever uses its value leaves out. */
function withoutEnd(value: Uint8Array): Buffer {
  let end = value.length;
  while (end > 0 && (value[end - 1] === 0x0a || value[end - 1] === 0x0d)) end -= 1;
  return Buffer.from(value.buffer, value.byteOffset, end);
}

function formsOf(bytes: Buffer): Buffer[] {
  const escaped = unreserved.flatMap((pattern) => [
    percent(bytes, pattern, true),
    percent(bytes, pattern, false),
  ]);
  const form = escaped.map((text) => text.replaceAll("%20", "+"));
  const texts = [...base64Of(bytes), ...escaped, ...form];
  const forms = [bytes, ...texts.map((text) => Buffer.from(text, "latin1"))];
  if (!isUtf8(bytes)) return forms;
  const text = bytes.toString("utf8");
  return [...forms, ...[...jsonOf(text), text.replaceAll("'", `'\\''`)].map((one) => Buffer.from(one))];
}

/** What of the value stands in the base64 of whatever it is a part of, at each of the three places that it can begin at. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const core = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** What is left as it is: by encodeURIComponent, by RFC 3986, by the same for a path, and in a form. */
const unreserved = [/[\w.!~*'()-]/, /[\w.~-]/, /[\w.~/-]/, /[\w.*-]/];

function percent(bytes: Buffer, kept: RegExp, isUpper: boolean): string {
  return Array.from(bytes, (byte) => {
    const letter = String.fromCharCode(byte);
    if (byte < 0x80 && kept.test(letter)) return letter;
    const hex = byte.toString(16).padStart(2, "0");
    return `%${isUpper ? hex.toUpperCase() : hex}`;
  }).join("");
}

/** As JavaScript writes it, as Python does (ASCII), as PHP does (`\/` too), and as Go does (nothing of HTML). */
function jsonOf(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = plain.replace(/[^\0-\x7f]/g, unicode);
  return [
    plain,
    ascii,
    ascii.replaceAll("/", "\\/"),
    plain.replaceAll("/", "\\/"),
    plain.replace(/[<>&\u2028\u2029]/g, unicode),
  ];
}

function unicode(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf(0x0a, from);
    const end = at < 0 ? bytes.length : at;
    lines.push(withoutEnd(bytes.subarray(from, end)));
    from = end + 1;
  }
  return lines.length > 1 ? lines : [];
}

/** The lines of base64 of the value alone, which whoever writes it breaks at that width. */
function brokenAt(width: number, text: string): Buffer[] {
  const count = text.length <= width ? 0 : Math.ceil(text.length / width);
  return Array.from({ length: count }, (_, at) => Buffer.from(text.slice(at * width, (at + 1) * width)));
}

/** Pieces that cover it, all of one length; the last reaches back into the one before. */
function piecesOf(form: Buffer, length: number): Buffer[] {
  if (form.length <= length) return [form];
  const count = Math.ceil(form.length / length);
  return Array.from({ length: count }, (_, at) => {
    const from = Math.min(at * length, form.length - length);
    return form.subarray(from, from + length);
  });
}
