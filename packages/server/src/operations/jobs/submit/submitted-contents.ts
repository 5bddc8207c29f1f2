import { createHash, type Hash, hash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Content, JobSpec } from "@berth/protocol";
import { canonicalJson, canonicalPieces } from "../../../core/input/canonical-json.ts";
import type { Contents } from "../../../core/input/read-spec.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import { isLong } from "./long-spec.ts";

/** As much as is worked through before others have their turn: a few milliseconds. */
const AT_ONCE = 2 ** 20;

/** Input files and stdin as bytes. A small job's are there at once. */
export async function inputsOf({ files = {}, stdin, archive }: JobSpec): Promise<Contents> {
  const inputs: Contents = { files: [], stdin: null, ...(archive && { archive: archive.upload }) };
  let bytes = 0;
  for (const [name, one] of Object.entries(files)) {
    const content = bytesOf(one);
    inputs.files.push({ name, content });
    bytes += content.byteLength;
    if (bytes < AT_ONCE) continue;
    bytes = 0;
    await nextTurn();
  }
  if (stdin !== undefined) inputs.stdin = bytesOf(stdin);
  return inputs;
}

function bytesOf(content: Content): Uint8Array {
  return onLoop("submit: decode input files", () =>
    typeof content === "string" ? Buffer.from(content) : Buffer.from(content.base64, "base64"),
  );
}

/**
 * What makes two requests the same. Contents count by their own hash: they may be megabytes, which need not be copied
 * into one text.
 */
export async function requestHashOf(spec: JobSpec, inputs: Contents): Promise<string> {
  const { files, stdin } = spec;
  const hashed: Record<string, string> = {};
  for (const { name, content } of inputs.files) {
    const one = files?.[name];
    if (one !== undefined)
      Object.defineProperty(hashed, name, { value: await hashOf(one, content), enumerable: true });
  }
  const whole = {
    ...spec,
    ...(files && { files: hashed }),
    ...(stdin !== undefined && { stdin: await hashOf(stdin, inputs.stdin ?? new Uint8Array()) }),
  };
  return isLong(spec)
    ? await hashOfLong(whole)
    : onLoop("submit: hash", () => hash("sha256", canonicalJson(whole)));
}

/** The same hash: with turns for others between the pieces. */
async function hashOfLong(whole: object): Promise<string> {
  const sum = createHash("sha256");
  const pieces = canonicalPieces(whole);
  while (onLoop("submit: hash", () => addSome(sum, pieces))) await nextTurn();
  return sum.digest("hex");
}

/** False when there are no more. */
function addSome(sum: Hash, pieces: Generator<string, undefined>): boolean {
  for (let letters = 0; letters < AT_ONCE; ) {
    const { value } = pieces.next();
    if (value === undefined) return false;
    sum.update(value);
    letters += value.length;
  }
  return true;
}

/** `bytes` are what the content stands for. */
async function hashOf(content: Content, bytes: Uint8Array): Promise<string> {
  const [kind, text] = typeof content === "string" ? ["text", null] : ["base64", content.base64];
  const { length } = text ?? bytes;
  if (length < AT_ONCE) return `${kind} ${hash("sha256", text ?? bytes)}`;
  const whole = createHash("sha256");
  for (let at = 0; at < length; at += AT_ONCE) {
    onLoop("submit: hash", () => {
      if (text === null) whole.update(bytes.subarray(at, at + AT_ONCE));
      else whole.update(text.slice(at, at + AT_ONCE), "latin1");
    });
    await nextTurn();
  }
  return `${kind} ${whole.digest("hex")}`;
}
