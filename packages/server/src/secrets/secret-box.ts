import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { BerthError } from "@berth/protocol";
import type { SecretValues } from "../core/secrets/merge-update.ts";
import type { Envelope } from "../store/secret-store.ts";
import type { MasterKey } from "./master-keys.ts";

/*
 * What a version of a secret is stored as: all of its values under a data key of its own, and that key under the master key.
 * Both by AES-256-GCM, bound to what they belong to: no row of the database can be put into the place of another.
 */

const CIPHER = "aes-256-gcm";
const FORM = "v1.";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** Which version it is: nothing opens under another name. */
export interface VersionName {
  name: string;
  id: string;
}

export function seal(values: SecretValues, { of, by }: { of: VersionName; by: MasterKey }): Envelope {
  const dataKey = randomBytes(KEY_BYTES);
  const text = JSON.stringify(
    [...values].map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
  return {
    keyId: by.id,
    dataKey: encrypt(dataKey, { key: by.key, bound: of.id }),
    sealed: encrypt(Buffer.from(text), { key: dataKey, bound: boundOf(of) }),
  };
}

/** Throws SECRET_KEY_MISSING where it was changed, or belongs elsewhere. */
export function unseal(
  { dataKey, sealed }: Envelope,
  { of, by }: { of: VersionName; by: MasterKey },
): SecretValues {
  const key = open(of, () => decrypt(dataKey, { key: by.key, bound: of.id }));
  const text = open(of, () => decrypt(sealed, { key, bound: boundOf(of) }));
  const pairs = JSON.parse(text.toString()) as [string, string][];
  return new Map(pairs.map(([name, value]) => [name, Buffer.from(value, "base64")]));
}

/** The same content under another master key: only the data key is sealed anew. */
export function rewrap(
  { dataKey, sealed }: Envelope,
  { of, from, to }: { of: VersionName; from: MasterKey; to: MasterKey },
): Envelope {
  const key = open(of, () => decrypt(dataKey, { key: from.key, bound: of.id }));
  return { keyId: to.id, dataKey: encrypt(key, { key: to.key, bound: of.id }), sealed };
}

function boundOf({ name, id }: VersionName): string {
  return `${name}\0${id}`;
}

function encrypt(plain: Buffer, { key, bound }: { key: Buffer; bound: string }): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(bound));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return FORM + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
}

function decrypt(text: string, { key, bound }: { key: Buffer; bound: string }): Buffer {
  if (!text.startsWith(FORM)) throw new Error("it is of another form");
  const bytes = Buffer.from(text.slice(FORM.length), "base64");
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}

function open(of: VersionName, work: () => Buffer): Buffer {
  try {
    return work();
  } catch (cause) {
    throw new BerthError(
      "SECRET_KEY_MISSING",
      `Cannot open secret "${of.name}": what is stored does not open with its master key`,
      { fix: "Restore the database and the master keys of the same time", cause },
    );
  }
}
