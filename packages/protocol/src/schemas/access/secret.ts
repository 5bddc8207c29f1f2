import { z } from "zod";
import { definedName } from "./object-name.ts";

/** Bounds of secrets. Sizes in bytes. */
export const secretBounds = {
  keys: 64,
  value: 16 * 2 ** 10,
  secret: 256 * 2 ** 10,
  /** Shorter ones cannot be masked in output without hiding what is none. */
  shortest: 6,
  /** What one job may be given, all its secrets together: all of it is looked for in its output. */
  job: 16 * 2 ** 10,
  ofJob: 64,
} as const;

/** What stands for every value, of whatever length. In an update it keeps the value that is there. */
export const secretMask = "*".repeat(12);

/** A value as it is asked for: text, or bytes as base64. */
const value = z.union([z.string(), z.strictObject({ base64: z.base64() })], {
  error: 'must be text or {"base64": "..."}',
});

const keyText = /^(?![.-])[A-Za-z0-9._-]{1,128}$/;
/** The name of a file below `/etc/secret`. */
export const secretKey = z.string().regex(keyText, {
  error: "must be 1 to 128 letters, digits and ._-, starting with a letter, a digit or _",
});

export function isSecretKey(text: string): boolean {
  return keyText.test(text);
}

const values = z
  .record(secretKey, value)
  .meta({ maxProperties: secretBounds.keys, description: "By key: text, or bytes as base64" });
const short = z
  .boolean()
  .optional()
  .meta({
    description: `Takes values of fewer than ${secretBounds.shortest} bytes too: these are not masked in output`,
  });

const secretExample = {
  name: "database",
  source: "stored" as const,
  version: 3,
  createdAt: "2026-01-31T12:00:00.000Z",
  updatedAt: "2026-02-01T08:30:00.000Z",
  values: { password: secretMask, user: secretMask },
};

export const secret = z
  .object({
    name: definedName,
    source: z
      .enum(["stored", "files"])
      .meta({ description: "`files`: mounted into the server, which only reads them" }),
    version: z
      .int()
      .nullable()
      .meta({ description: "Raised by each update; null for mounted files, which are read at each use" }),
    createdAt: z.iso.datetime().nullable(),
    updatedAt: z.iso.datetime().nullable(),
    values: z
      .record(z.string(), z.literal(secretMask))
      .meta({ description: "The keys. What they hold is never shown" }),
  })
  .meta({ id: "Secret", examples: [secretExample] });

export const secretList = z
  .object({ items: z.array(secret) })
  .meta({ id: "SecretList", examples: [{ items: [secretExample] }] });

export const createSecretBody = z
  .strictObject({ name: definedName, values, short })
  .meta({ examples: [{ name: "database", values: { user: "berth-app", password: "correct-horse" } }] });

export const updateSecretBody = z
  .strictObject({
    values: values.meta({
      description: `By key: \`${secretMask}\` keeps what is there, as does leaving a key out, the empty text deletes it, anything else sets it`,
    }),
    short,
  })
  .meta({ examples: [{ values: { password: "battery-staple", user: secretMask, old: "" } }] });

export const rotatedKey = z
  .object({
    key: z.string().meta({ description: "The id of the master key that seals all from now on" }),
    rewrapped: z.int().meta({ description: "Versions of secrets that another key had sealed" }),
  })
  .meta({ id: "RotatedKey", examples: [{ key: "k-4f1c09d2", rewrapped: 12 }] });

export type Secret = z.infer<typeof secret>;
export type SecretList = z.infer<typeof secretList>;
export type SecretValue = z.infer<typeof value>;
export type RotatedKey = z.infer<typeof rotatedKey>;
