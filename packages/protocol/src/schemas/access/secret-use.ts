import { z } from "zod";
import { definedName } from "./object-name.ts";
import { secretBounds, secretKey } from "./secret.ts";

/** Variables that a job gets from the server, or that decide what it runs: no secret stands in their place. */
const taken = /^(?:BERTH_.*|PATH|HOME|USER|LANG|LD_.*)$/;

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, {
    error: "must be 1 to 255 letters, digits and _, not starting with a digit",
  })
  .refine((name) => !taken.test(name), { error: "must not be PATH, HOME, USER, LANG, BERTH_... or LD_..." });

const environment = z
  .record(variable, secretKey)
  .refine((all) => Object.keys(all).length <= secretBounds.ofJob, {
    error: `must name at most ${secretBounds.ofJob} variables`,
  });

/** One secret that a job is given to know. */
const secretUse = z.strictObject({
  name: definedName,
  keys: z.array(secretKey).max(secretBounds.ofJob).optional().meta({
    description:
      "The keys that it gets as files `/etc/secret/KEY`. Default: all of them, or none where `env` is given",
  }),
  env: environment.optional().meta({
    maxProperties: secretBounds.ofJob,
    description:
      "Keys that it gets as environment variables, by the variable: whatever it starts has them too, and can show them",
  }),
});

const secretUses = z
  .array(secretUse)
  .max(16)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
    error: "must name each secret once",
  });

export const secretsOfJob = secretUses.optional().meta({
  description:
    "Secrets that it is given to know, as they are when it is submitted: files below `/etc/secret` that only it can read, in memory. What they hold is masked in its output",
});

export type SecretUse = z.infer<typeof secretUse>;
