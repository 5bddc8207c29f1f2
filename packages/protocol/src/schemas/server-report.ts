import { z } from "zod";
import { check } from "./engine.ts";
import { serverReportExample } from "./examples.ts";

/** What a server stands on, as it was when it was asked. */
export const serverReport = z
  .object({
    database: z.object({
      kind: z.enum(["sqlite", "postgres"]),
      place: z.string().meta({ description: "Path of the file, or URL without user and password" }),
      checks: z.array(check),
    }),
    trust: z
      .object({ checks: z.array(check) })
      .meta({ description: "Who signs certificates, which are trusted, and who is shut out" }),
    logins: z
      .object({ checks: z.array(check) })
      .optional()
      .meta({
        description:
          "Directories and servers elsewhere that know people: which part of the way to them fails",
      }),
    network: z.object({
      trials: z.array(z.object({ address: z.string(), why: z.string() })).meta({
        description:
          "Addresses that no job reaches by `internet`: one of each closed class, and the server's own",
      }),
    }),
  })
  .meta({ id: "ServerReport", examples: [serverReportExample] });

export type ServerReport = z.infer<typeof serverReport>;
