import { z } from "zod";

export const artifact = z
  .object({ path: z.string(), size: z.number(), modifiedAt: z.iso.datetime() })
  .meta({ id: "Artifact" });

export const artifactList = z
  .object({
    items: z.array(artifact),
    skipped: z
      .array(z.object({ path: z.string(), reason: z.string() }))
      .meta({ description: "What matched `collect` and was not kept, with the reason" }),
  })
  .meta({ id: "ArtifactList" });

export type Artifact = z.infer<typeof artifact>;
export type ArtifactList = z.infer<typeof artifactList>;
