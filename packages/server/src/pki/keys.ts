import { createPrivateKey, type KeyObject, webcrypto } from "node:crypto";
import { inspect } from "node:util";

/** RSA keys for what lasts and for the widest choice of clients; EC keys where they must be quick to make. */
export type KeyType = "rsa-2048" | "rsa-4096" | "ec-p256";

/** A private key as PEM. It never shows itself: not in a log, not in an error, not in JSON. */
export class PrivateKeyPem {
  readonly #pem: string;

  constructor(pem: string) {
    this.#pem = pem;
  }

  /** The text itself, for the file or the TLS library that it is meant for. */
  reveal(): string {
    return this.#pem;
  }

  toString(): string {
    return "[private key]";
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

export interface KeyPair {
  publicKey: webcrypto.CryptoKey;
  privateKey: webcrypto.CryptoKey;
}

type Algorithm = webcrypto.RsaHashedKeyGenParams | (webcrypto.EcKeyGenParams & { hash: string });

/** Makes a pair off the main thread; RSA-4096 takes a second or two. */
export async function generateKeys(type: KeyType): Promise<KeyPair> {
  return webcrypto.subtle.generateKey(algorithms[type], true, ["sign", "verify"]);
}

export async function exportPrivateKey(key: webcrypto.CryptoKey): Promise<PrivateKeyPem> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  const lines = der.replace(/.{64}(?=.)/g, "$&\n");
  return new PrivateKeyPem(`-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`);
}

/** A key to sign with. Throws an error without the key's text when it is none that certificates may be signed with. */
export async function importPrivateKey(pem: PrivateKeyPem): Promise<webcrypto.CryptoKey> {
  const key = parsePrivateKey(pem);
  const der = key.export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", der, algorithmOf(key), false, ["sign"]);
}

/** Reads any PEM that OpenSSL writes without a passphrase. */
export function parsePrivateKey(pem: PrivateKeyPem): KeyObject {
  try {
    return createPrivateKey(pem.reveal());
  } catch {
    // OpenSSL's own words may quote what it could not read.
    throw new Error(
      pem.reveal().includes("ENCRYPTED")
        ? "the private key has a passphrase: store it without"
        : "it is no private key in PEM",
    );
  }
}

/** The hash that goes with a key when something is signed with it. */
export function signingAlgorithm(key: webcrypto.CryptoKey): { name: string; hash: string } {
  const curve = (key.algorithm as webcrypto.EcKeyAlgorithm).namedCurve;
  return { name: key.algorithm.name, hash: curve === "P-384" ? "SHA-384" : "SHA-256" };
}

const algorithms: Record<KeyType, Algorithm> = {
  "rsa-2048": rsa(2048),
  "rsa-4096": rsa(4096),
  "ec-p256": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
};

function rsa(modulusLength: number): webcrypto.RsaHashedKeyGenParams {
  const publicExponent = new Uint8Array([1, 0, 1]);
  return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength, publicExponent };
}

function algorithmOf(key: KeyObject): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams {
  const { namedCurve = "", modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 2048)
    return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const curve = { prime256v1: "P-256", secp384r1: "P-384" }[namedCurve];
  if (key.asymmetricKeyType === "ec" && curve !== undefined) return { name: "ECDSA", namedCurve: curve };
  throw new Error("it must be RSA of 2048 bits or more, or EC on P-256 or P-384");
}
