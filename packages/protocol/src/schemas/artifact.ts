import { z } from "zod";
import { artifactExample, artifactListExample } from "./examples.ts";

export const artifact = z
  .object({ path: z.string(), size: z.number(), modifiedAt: z.iso.datetime() })
  .meta({ id: "Artifact", examples: [artifactExample] });

export const artifactList = z
  .object({
    items: z.array(artifact),
    skipped: z
      .array(z.object({ path: z.string(), reason: z.string() }))
      .meta({ description: "What matched `collect` and was not kept, with the reason" }),
  })
  .meta({ id: "ArtifactList", examples: [artifactListExample] });

export type Artifact = z.infer<typeof artifact>;
export type ArtifactList = z.infer<typeof artifactList>;
