import { z } from "zod";
import { errorExample } from "./examples.ts";

export const errorBody = z
  .object({
    code: z.string(),
    message: z.string().meta({ description: "What failed and why" }),
    fix: z.string().meta({ description: "How to mend it" }),
    requestId: z.string(),
    problems: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Error", examples: [errorExample] });

export type ErrorBody = z.infer<typeof errorBody>;
