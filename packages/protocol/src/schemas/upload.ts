import { z } from "zod";
import { uploadExample, uploadListExample } from "./examples.ts";
import { flag } from "./requests.ts";

/** Most bytes of one upload. */
export const largestUpload = 10 * 2 ** 30;

const sha256Text = /^[0-9a-f]{64}$/;

/** Whether a text can be the name of an upload: a SHA-256, in lower case. */
export function isSha256(text: string): boolean {
  return sha256Text.test(text);
}

const sha256 = z.string().regex(sha256Text, { error: "must be a SHA-256: 64 digits 0-9 and a-f" });

export const upload = z
  .object({
    sha256: sha256.meta({ description: "Its name: of all its bytes, in lower case" }),
    state: z.enum(["receiving", "complete"]),
    offset: z.number().meta({ description: "Bytes that have come: where to go on" }),
    length: z
      .number()
      .nullable()
      .meta({ description: "Bytes that it will have; null while nobody has said so" }),
    owner: z.string(),
    createdAt: z.iso.datetime(),
    usedAt: z.iso.datetime().meta({ description: "When it was sent, or a job asked for it, last" }),
  })
  .meta({ id: "Upload", examples: [uploadExample] });

export const uploadList = z
  .object({ items: z.array(upload), next: z.string().nullable() })
  .meta({ id: "UploadList", examples: [uploadListExample] });

export const createUploadQuery = z.strictObject({
  sha256: sha256.optional().meta({
    description: "What the content will hash to: it can then be gone on with after a cut. Default: found out",
  }),
});

export const deleteUploadQuery = z.strictObject({
  unfinished: flag.default(false).meta({
    description: "Only where it has not come whole: one that has is not found",
  }),
});

export const listUploadsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1024).optional(),
});

export type Upload = z.infer<typeof upload>;
export type UploadList = z.infer<typeof uploadList>;
export type ListUploadsQuery = z.output<typeof listUploadsQuery>;
