import { type Problem, secretBounds, type SecretUse } from "@berth/protocol";
import type { SecretValues } from "./merge-update.ts";

/** What a job is given to know. */
export interface GivenSecrets {
  /** Below `/etc/secret`, by their names. */
  files: SecretValues;
  /** By the variable. */
  env: ReadonlyMap<string, Uint8Array>;
}

export type Given = { given: GivenSecrets } | { problems: Problem[] };

/** What comes of the secrets that a job names, where it is told what each holds. No problem shows a value. */
export function secretsOfJob(
  uses: readonly SecretUse[],
  { valuesOf, variables }: { valuesOf: (name: string) => SecretValues; variables: readonly string[] },
): Given {
  const files = new Map<string, Uint8Array>();
  const env = new Map<string, Uint8Array>();
  const problems: Problem[] = [];
  const complain = (field: string, message: string): void => void problems.push({ field, message });
  uses.forEach(({ name, keys, env: asked = {} }, at) => {
    const values = valuesOf(name);
    const field = `secrets[${at}]`;
    const byVariable = Object.entries(asked);
    for (const [n, key] of (keys ?? (byVariable.length > 0 ? [] : [...values.keys()])).entries()) {
      const value = values.get(key);
      if (value === undefined)
        complain(`${field}.keys[${n}]`, `must be a key of "${name}": "${key}" is none`);
      else if (files.has(key)) complain(field, `must not give the file "${key}" twice: name other keys`);
      else files.set(key, value);
    }
    for (const [variable, key] of byVariable) {
      const value = values.get(key);
      const where = `${field}.env.${variable}`;
      if (value === undefined) complain(where, `must be a key of "${name}": "${key}" is none`);
      else if (env.has(variable) || variables.includes(variable)) complain(where, "must not be given twice");
      else if (value.includes(0)) complain(where, "must hold no NUL: take it as a file");
      else env.set(variable, value);
    }
  });
  const all = [...files.values(), ...env.values()];
  const bytes = all.reduce((sum, { length }) => sum + length, 0);
  if (bytes > secretBounds.job || all.length > secretBounds.ofJob) {
    complain("secrets", `must be at most ${secretBounds.ofJob} keys of ${secretBounds.job} bytes together`);
  }
  return problems.length > 0 ? { problems } : { given: { files, env } };
}
